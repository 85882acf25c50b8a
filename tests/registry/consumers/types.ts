/** The types that a consumer's compiler infers. Compiled, never run. @module */

import {
  type AnyTask,
  type Call,
  Emitter,
  type Executor,
  type ExitState,
  fromModule,
  type Future,
  Limiter,
  type LimitError,
  type Plugin,
  type QueueMonitor,
  Requeue,
  ResourceLimits,
  type RunOptions,
  Scheduler,
  type SchedulerEvents,
  type Shared,
  type ShutdownReport,
  type Submission,
  type Subscriber,
  type Task,
  type ThisArgs,
  type ThisTask,
  transfer,
  type WallTimeLimitError,
  type WorkerPermissions,
} from "@amltk/scheduling";
import type { WebWorkerExecutorOptions } from "@amltk/scheduling/executors";
import { executorContract, type MakeExecutor } from "@amltk/scheduling/executors/contract";
import { NatsExecutor, type NatsExecutorOptions } from "@amltk/scheduling/executors/nats";
import { type PlotOptions, toSVG } from "@amltk/scheduling/plots";
import { sameType } from "./same_type.ts";

/** Arguments and results of tasks and futures. */
export async function tasks(scheduler: Scheduler): Promise<string> {
  const task: Task<[n: number, text?: string], string, object, never> = scheduler.task(
    (n: number, text?: string) => Promise.resolve(`${n}${text}`),
  );
  const future = task.submit(1, "x");
  sameType<typeof future, Future<string, [n: number, text?: string]>>(true);
  sameType<typeof future.args, [n: number, text?: string | undefined]>(true);
  sameType<typeof future.result, string | undefined>(true);
  sameType<typeof task.eventCounts.result, number>(true);
  // @ts-expect-error a wrong argument
  task.submit("1");
  // @ts-expect-error a misspelt event
  task.on("results", () => {});
  task.onResult((_future, text) => sameType<typeof text, string>(true));
  task.onSubmitted((_future, n, text) => {
    sameType<typeof n, number>(true);
    sameType<typeof text, string | undefined>(true);
  });
  for await (const [, error] of task.stream("exception")) sameType<typeof error, unknown>(true);
  const [message] = await scheduler.once("stop");
  sameType<typeof message, string>(true);
  const both = await Promise.all([future, scheduler.submit(() => new Date())]);
  sameType<typeof both, [string, Date]>(true);
  return await future;
}

/** Events of the plugins of the package, and declined submissions. */
export function plugins(scheduler: Scheduler, other: AnyTask, wallTime?: number): void {
  const task = scheduler.task((path: string, depth: number) => path.length * depth, {
    plugins: [
      new Limiter({ maxCalls: 2, notWhileRunning: other }),
      new ResourceLimits({ wallTime }),
    ],
    name: "train",
  });
  const future = task.submit("x", 1);
  sameType<typeof future, Future<number, [path: string, depth: number]> | undefined>(true);
  task.on("call-limit-reached", (sender, path, depth) => {
    sameType<typeof path, string>(true);
    sameType<typeof depth, number>(true);
    sender.submit(path, depth)?.cancel();
  });
  task.on("wall-time-limit-reached", ({ args: [path, depth] }, error) => {
    sameType<typeof error, WallTimeLimitError>(true);
    sameType<typeof path, string>(true);
    sameType<typeof depth, number>(true);
    const base: LimitError = error;
    base.limit.toFixed(0);
  });
  // @ts-expect-error no plugin has this event
  task.on("call-limits-reached", () => {});
}

/** The parameter that the plugin injects. */
export interface Port {
  /** Sends a text. */
  send(text: string): void;
}

/** The events of {@linkcode PortPlugin}. */
export type PortEvents = { sent: [ThisTask, text: string, ThisArgs] };

/** A plugin that injects the first parameter of the function. */
export class PortPlugin implements Plugin<PortEvents, Port> {
  /** Its name. */
  readonly name = "port";
  /** Its events. */
  readonly events: readonly (keyof PortEvents)[] = ["sent"];
  /** Types only. */
  declare readonly types?: { events: PortEvents; injects: Port };
  /** Injects a port. */
  preSubmit(submission: Submission): Submission {
    return { ...submission, injected: [{ send: () => {} }] };
  }
}

/** A plugin of the consumer. */
export function injection(scheduler: Scheduler): Future<boolean> {
  const task = scheduler.task((port: Port, n: number, flag: boolean) => {
    port.send(`${n}`);
    return flag;
  }, { plugins: new PortPlugin() });
  task.on("sent", (sender, text, n, flag) => {
    sameType<typeof text, string>(true);
    sameType<typeof n, number>(true);
    sameType<typeof flag, boolean>(true);
    sender.submit(n, flag);
  });
  // @ts-expect-error the caller does not pass the port
  task.submit({ send: () => {} }, 1, true);
  return task.submit(1, true);
}

/** The exit codes of a run, all of them. */
export function exitCode(exit: ExitState): number {
  sameType<typeof exit.runaways, number | undefined>(true);
  sameType<typeof exit.exception, unknown>(true);
  switch (exit.code) {
    case "exhausted":
    case "stopped":
      return 0;
    case "timeout":
    case "cancelled":
    case "exception":
      return exit.exception instanceof Error ? 1 : 2;
    default:
      return exit.code satisfies never;
  }
}

/** Shared and transferred values. */
export function values(scheduler: Scheduler): Shared<Float64Array> {
  const data = scheduler.share(new Float64Array(3));
  const task = scheduler.task((data: Float64Array, n: number) => data[n] ?? NaN);
  sameType<ReturnType<typeof task.submit>, Future<number, [data: Float64Array, n: number]>>(true);
  task.submit(data, 1);
  // @ts-expect-error shared values are objects
  scheduler.share(1);
  const buffer = new ArrayBuffer(8);
  const moved = transfer({ buffer }, [buffer]);
  sameType<typeof moved, { buffer: ArrayBuffer }>(true);
  // @ts-expect-error only objects can be marked
  transfer("text", [buffer]);
  return data;
}

/** Functions of a module. */
export function modules(scheduler: Scheduler): Future<number> {
  const work = fromModule<typeof import("./work.ts")>(import.meta.resolve("./work.ts"));
  sameType<typeof work.add, (a: number, b: number) => Promise<number>>(true);
  // @ts-expect-error not exported
  work.subtract;
  return scheduler.task(work.add).submit(1, 2);
}

/** Options that a program may leave undefined. */
export async function options(signal?: AbortSignal, timeout?: number): Promise<ExitState> {
  const permissions: WorkerPermissions = { read: ["./data"], net: undefined };
  const workers: WebWorkerExecutorOptions = { batch: undefined, permissions, name: "trainer" };
  const run: RunOptions = { signal, timeout, onException: [[RangeError, "ignore"]] };
  // @ts-expect-error an unknown option
  const _wrong: RunOptions = { timeouts: 1 };
  const scheduler = Scheduler.withWorkers(undefined, workers);
  const counts: Readonly<Record<keyof SchedulerEvents, number>> = scheduler.eventCounts;
  if (counts["future-result"] > 0) scheduler.onStart(scheduler.stop, { limit: 1 });
  using _later = scheduler.callLater(5, (text: string) => text, "x");
  return await scheduler.run(run);
}

/** The events of {@linkcode Crawler}. */
export interface CrawlerEvents {
  found: [path: string];
}

/** An emitter of the consumer. */
export class Crawler extends Emitter<CrawlerEvents> {
  /** Subscribes to `found`. */
  readonly onFound: Subscriber<CrawlerEvents["found"]> = this.subscriber("found");
  /** The pages left to visit. */
  readonly paths: Requeue<string> = new Requeue(["/"]);

  /** Makes a crawler. */
  constructor() {
    super({ name: "crawler", events: ["found"] });
  }

  /** Visits the next page. */
  visit(): void {
    const next = this.paths.next();
    if (next.done) return;
    sameType<typeof next.value, string>(true);
    this.emit("found", next.value);
  }
}

/** A picture with options. */
export function draw(monitor: QueueMonitor): string {
  const options: PlotOptions = { interval: 1000, title: undefined };
  // @ts-expect-error a misspelt option
  toSVG(monitor, { intervall: 1000 });
  return toSVG(monitor, options);
}

/** An executor of the consumer. */
export class Microtasks implements Executor {
  /** Its name. */
  readonly name = "Microtasks";
  /** The number of calls that it runs at once. */
  readonly workerCount = 1;
  /** Runs a call. */
  submit(call: Call): void {
    queueMicrotask(() => call.succeed(call.function(...call.args)));
  }
  /** Does nothing. */
  cancel(): void {}
  /** Does nothing, because there is no worker to end. */
  shutdown(): Promise<ShutdownReport> {
    return Promise.resolve({ runaways: undefined });
  }
}

/** A scheduler for other machines. */
export function remote(connect: NatsExecutorOptions["connect"], version?: string): Scheduler {
  const options: NatsExecutorOptions = { connect, queue: "train", codeVersion: version };
  return new Scheduler(new NatsExecutor(options));
}

/** The checks of the contract for it. */
export const checks: readonly Promise<void>[] = executorContract.map(({ check }) => {
  const make: MakeExecutor = () => new Microtasks();
  return check(make);
});
