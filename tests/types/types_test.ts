// What compiles, what does not, and what is inferred. Wrong uses that throw at run time too are
// called; the others are in functions that are never called.
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { expectTypeOf } from "expect-type";
import {
  type AnyTask,
  type Call,
  type CallbackOptions,
  type Declined,
  Emitter,
  EventNotKnownError,
  type EventsOf,
  type Executor,
  type ExitState,
  exponentialBackoff,
  fromModule,
  type Future,
  Limiter,
  type LimiterEvents,
  type Plugin,
  Requeue,
  Retry,
  type RunOptions,
  Scheduler,
  type Shared,
  type Submission,
  type SubmitArgs,
  type Subscription,
  type Task,
  type TaskFunction,
  type ThisArgs,
  type ThisFuture,
  type ThisTask,
  transfer,
} from "@amltk/scheduling";
import { checkTypes } from "../fixtures/check_types.ts";

/** Compiles its body but does not run it. */
function compiles(_body: (scheduler: Scheduler) => unknown): void {}

/** What `submit()` takes for an argument. */
type Given<T> = T | Future<T>;

const scheduler = Scheduler.withSequential();
const textOf = (x: number): Promise<string> => Promise.resolve(String(x));

// Plugins that inject the first parameter, and plugins with events of every kind.
interface WorkerComm {
  send(data: unknown): void;
  request(data: unknown, options?: { timeout?: number }): Promise<unknown>;
  readonly signal: AbortSignal;
}

interface CommMessage {
  readonly kind: "open" | "message" | "request" | "close";
  readonly data: unknown;
  respond(value?: unknown): void;
}

type CommEvents = { "comm-open": [CommMessage]; "comm-request": [CommMessage] };

class Comm implements Plugin<CommEvents, WorkerComm> {
  readonly name = "comm";
  readonly events = ["comm-open", "comm-request"] as const;
  declare readonly types?: { events: CommEvents; injects: WorkerComm };
  preSubmit(submission: Submission): Submission {
    return submission;
  }
}

type ResourceLimitsEvents = { "wall-time-limit-reached": [ThisFuture, error: RangeError] };

class ResourceLimits implements Plugin<ResourceLimitsEvents> {
  readonly name = "limits";
  readonly events = ["wall-time-limit-reached"] as const;
  declare readonly types?: { events: ResourceLimitsEvents; injects: never };
}

type SeenEvents = { seen: [ThisTask, when: Date, ThisArgs] };

class Seen implements Plugin<SeenEvents> {
  readonly name = "seen";
  readonly events = ["seen"] as const;
  declare readonly types?: { events: SeenEvents; injects: never };
}

// ----------------------------------------------------------------------------- tasks

Deno.test("Scheduler.task() infers arguments and result", () => {
  const task = scheduler.task(textOf);
  expectTypeOf(task).toEqualTypeOf<Task<[x: number], string, object, never>>();
  expectTypeOf(task.submit).toEqualTypeOf<(x: Given<number>) => Future<string, [x: number]>>();
  expectTypeOf(task.queue).toEqualTypeOf<ReadonlySet<Future<string, [x: number]>>>();
  expectTypeOf(scheduler.task(() => {}).submit).returns.toEqualTypeOf<Future<void, []>>();
  expectTypeOf(
    scheduler.task(function named(): 1 {
      return 1;
    }).submit,
  ).returns.toEqualTypeOf<Future<1, []>>();
  assertEquals(task.name, "textOf");
});

Deno.test("Task.submit() rejects wrong, missing and surplus arguments", () => {
  compiles(() => {
    const task = scheduler.task(textOf);
    task.submit(1);
    // @ts-expect-error a wrong argument
    task.submit("1");
    // @ts-expect-error a missing argument
    task.submit();
    // @ts-expect-error a surplus argument
    task.submit(1, 2);
    // @ts-expect-error the same through with()
    task.with({}).submit("1");
  });
});

Deno.test("Task.submit() supports optional and rest parameters", () => {
  const task = scheduler.task((a: number, b?: string, ...c: boolean[]) => [a, b, c], {
    plugins: [new Limiter({ maxCalls: 1 })],
  });
  expectTypeOf(task.submit).parameters.toEqualTypeOf<
    [a: Given<number>, b?: Given<string | undefined>, ...c: Given<boolean>[]]
  >();
  task.on("call-limit-reached", (_task, a, b, ...rest) => {
    expectTypeOf(a).toEqualTypeOf<number>();
    expectTypeOf(b).toEqualTypeOf<string | undefined>();
    expectTypeOf(rest).toEqualTypeOf<boolean[]>();
  });
  compiles(() => {
    task.submit(1);
    task.submit(1, "x", true, false);
    // @ts-expect-error a wrong rest argument
    task.submit(1, "x", 2);
  });
});

Deno.test("Scheduler.task() takes a generic function", () => {
  compiles(() => scheduler.task(<T>(x: T): T => x).submit(1));
});

Deno.test("Scheduler.task() and submit() reject anything but functions", () => {
  // @ts-expect-error not a function
  assertThrows(() => scheduler.task(5), TypeError);
  // @ts-expect-error not a function
  assertThrows(() => scheduler.submit("f"), TypeError);
});

Deno.test("Scheduler.submit() infers arguments and result", () => {
  compiles(() => {
    expectTypeOf(scheduler.submit(textOf, 1)).toEqualTypeOf<Future<string, [x: number]>>();
    expectTypeOf(scheduler.submit((a: number, b: Date) => [a, b] as const, 1, new Date()))
      .toEqualTypeOf<Future<readonly [number, Date], [a: number, b: Date]>>();
    // @ts-expect-error a wrong argument
    scheduler.submit(textOf, "1");
    // @ts-expect-error a missing argument
    scheduler.submit(textOf);
  });
});

Deno.test("Future resolves to its result", () => {
  compiles(async () => {
    const future = scheduler.submit(textOf, 1);
    expectTypeOf(await future).toEqualTypeOf<string>();
    expectTypeOf(future.result).toEqualTypeOf<string | undefined>();
    expectTypeOf(future.exception).toEqualTypeOf<unknown>();
    expectTypeOf(future.state).toEqualTypeOf<"pending" | "running" | "done" | "cancelled">();
    expectTypeOf(future.cancel()).toEqualTypeOf<boolean>();
    expectTypeOf(await future.then((text) => text.length)).toEqualTypeOf<number>();
    expectTypeOf(await future.catch(() => 0)).toEqualTypeOf<string | number>();
    expectTypeOf(future.finally(() => {})).toEqualTypeOf<Promise<string>>();
    expectTypeOf(await Promise.all([future, 1])).toEqualTypeOf<[string, number]>();
    // @ts-expect-error read-only
    future.state = "done";
    // @ts-expect-error read-only
    future.args = [1];
    // @ts-expect-error read-only
    future.task = undefined;
  });
});

Deno.test("Future.args and task have the types of the submission", () => {
  compiles((scheduler) => {
    const task = scheduler.task((n: number, text?: string) => `${n}${text}`);
    const future = task.submit(1);
    expectTypeOf(future.args).toEqualTypeOf<[n: number, text?: string | undefined]>();
    expectTypeOf(future.task).toEqualTypeOf<AnyTask | undefined>();
    task.submit(...future.args);
    expectTypeOf(scheduler.submit(() => new Date()).args).toEqualTypeOf<[]>();
    const injected = scheduler.task((_comm: WorkerComm, n: number) => n, { plugins: new Comm() });
    expectTypeOf(injected.submit(1).args).toEqualTypeOf<[n: number]>();
    expectTypeOf<Future["args"]>().toEqualTypeOf<unknown[]>();
    const plain: Future<string> = future;
    const futures: Future[] = [future, plain, injected.submit(1)];
    expectTypeOf(futures).toEqualTypeOf<Future<unknown, unknown[]>[]>();
    // @ts-expect-error not the types of its arguments
    const _wrong: Future<string, [flag: boolean]> = future;
  });
});

// ----------------------------------------------------------------------------- events of tasks

Deno.test("Task.on() and accessors infer the arguments of each event", () => {
  const task = scheduler.task(textOf);
  task.on("submitted", (future, x) => {
    expectTypeOf(future).toEqualTypeOf<Future<string, [x: number]>>();
    expectTypeOf(x).toEqualTypeOf<number>();
  });
  task.onSubmitted((_future, x) => expectTypeOf(x).toEqualTypeOf<number>());
  task.on("result", (_future, text) => expectTypeOf(text).toEqualTypeOf<string>());
  task.onResult((_future, text) => expectTypeOf(text).toEqualTypeOf<string>());
  task.onException((_future, error) => expectTypeOf(error).toEqualTypeOf<unknown>());
  task.onException((future) => expectTypeOf(future.args).toEqualTypeOf<[x: number]>());
  task.onCancelled((future) => expectTypeOf(future).toEqualTypeOf<Future<string, [x: number]>>());
  const subscription = task.onDone((future) =>
    expectTypeOf(future).toEqualTypeOf<Future<string, [x: number]>>()
  );
  expectTypeOf(subscription).toEqualTypeOf<Subscription>();
  expectTypeOf(subscription).toExtend<Disposable>();
  expectTypeOf(task.eventCounts.result).toEqualTypeOf<number>();
});

Deno.test("Task.on() rejects a misspelt event, also at run time", () => {
  const task = scheduler.task(textOf);
  // @ts-expect-error a misspelt event
  assertThrows(() => task.on("results", () => {}), EventNotKnownError);
  // @ts-expect-error this task has no Limiter
  assertThrows(() => task.on("call-limit-reached", () => {}), EventNotKnownError);
  // @ts-expect-error a misspelt event of the scheduler
  assertThrows(() => scheduler.on("future-results", () => {}), EventNotKnownError);
  // @ts-expect-error a misspelt event to wait for
  assertThrows(() => scheduler.once("finish"), EventNotKnownError);
  // @ts-expect-error a misspelt event to stream
  assertThrows(() => task.stream("nope"), EventNotKnownError);
  // @ts-expect-error a misspelt event to emit
  assertThrows(() => task.emit("nope"), EventNotKnownError);
});

Deno.test("Task.on() rejects a callback with wrong parameters", () => {
  const task = scheduler.task(textOf);
  // @ts-expect-error the result is text
  task.onResult((_future, n: number) => n);
  // @ts-expect-error the event has two arguments
  task.on("result", (_future, _text, _surplus: number) => {});
});

Deno.test("Task.once() and stream() infer the arguments", () => {
  compiles(async () => {
    const task = scheduler.task(textOf);
    expectTypeOf(await task.once("result")).toEqualTypeOf<
      [future: Future<string, [x: number]>, value: string]
    >();
    for await (const [future, x] of task.stream("submitted")) {
      expectTypeOf(future).toEqualTypeOf<Future<string, [x: number]>>();
      expectTypeOf(x).toEqualTypeOf<number>();
    }
    expectTypeOf(await scheduler.once("stop")).toEqualTypeOf<
      [message: string, exception?: unknown]
    >();
  });
});

Deno.test("A callback may be async and may return anything", () => {
  compiles(() => {
    const task = scheduler.task((n: number) => n + 1);
    task.onResult((_future, n) => task.submit(n));
    task.onResult(async (_future, n) => {
      await task.submit(n);
    });
    task.onResult(() => 5);
    scheduler.onStart(() => task.submit(1));
    // Callbacks as users write them: without some parameters, or with explicit types.
    scheduler.onFutureResult((_f, result: number) => result);
    scheduler.onFutureResult((_f, result: { accuracy: number }) => result.accuracy);
    scheduler.onFutureResult((future: Future<number>, result) => [future, result]);
    scheduler.onFutureException((_future, error) => expectTypeOf(error).toEqualTypeOf<unknown>());
    scheduler.onFutureResult((future: Future<number, [n: number]>) => future.args[0].toFixed());
    scheduler.onFutureDone(({ task, args }) => {
      expectTypeOf(args[0]).toBeAny();
      task?.submit(...args);
    });
    scheduler.onStop((message, exception) => {
      expectTypeOf(message).toEqualTypeOf<string>();
      expectTypeOf(exception).toEqualTypeOf<unknown>();
    });
  });
});

// ----------------------------------------------------------------------------- plugins

Deno.test("Limiter lets submit() return undefined and types its events", () => {
  const task = scheduler.task(textOf, { plugins: new Limiter({ maxCalls: 2 }) });
  expectTypeOf(task.submit).toEqualTypeOf<
    (x: Given<number>) => Future<string, [x: number]> | undefined
  >();
  task.on("call-limit-reached", (sender, x) => {
    expectTypeOf(x).toEqualTypeOf<number>();
    expectTypeOf(sender.submit(x)).toEqualTypeOf<Future<string, [x: number]> | undefined>();
  });
  compiles(() => {
    task.with({ transfer: [] }).submit(1)?.cancel();
    // @ts-expect-error it may be undefined
    task.submit(1).cancel();
    // @ts-expect-error it may be undefined
    task.with({}).submit(1).cancel();
    scheduler.task(textOf).with({}).submit(1).cancel();
  });
});

Deno.test("Retry types its event and takes functions of the attempt", () => {
  const plugins = [new Retry({ maxAttempts: 2, backoff: exponentialBackoff() }), new Limiter({})];
  const task = scheduler.task(textOf, { plugins });
  task.on("retry", (future, attempt, error) => {
    expectTypeOf(future.args).toEqualTypeOf<[n: number]>();
    expectTypeOf(attempt).toEqualTypeOf<number>();
    expectTypeOf(error).toEqualTypeOf<unknown>();
  });
  const alone = scheduler.task(textOf, { plugins: new Retry({ maxAttempts: 2 }) });
  expectTypeOf(alone.submit).returns.toEqualTypeOf<Future<string, [n: number]>>();
  compiles(() => {
    // @ts-expect-error no maxAttempts
    new Retry({});
    // @ts-expect-error a promise is not a number
    new Retry({ maxAttempts: 2, backoff: async () => await 1 });
    // @ts-expect-error nor is it true or false
    new Retry({ maxAttempts: 2, retryIf: async () => await true });
    // @ts-expect-error the attempt is a number
    task.on("retry", (_future, _attempt: string) => {});
  });
});

Deno.test("An injecting plugin removes the first parameter of submit()", () => {
  const task = scheduler.task(async (comm: WorkerComm, n: number, text: string) => {
    comm.send(n);
    await comm.request(n, { timeout: 5 });
    return text;
  }, { plugins: new Comm() });
  expectTypeOf(task.submit).toEqualTypeOf<
    (n: Given<number>, text: Given<string>) => Future<string, [n: number, text: string]>
  >();
  task.on("comm-request", (message) => {
    expectTypeOf(message).toEqualTypeOf<CommMessage>();
    message.respond(1);
  });
  task.onSubmitted((_future, n, text) => {
    expectTypeOf(n).toEqualTypeOf<number>();
    expectTypeOf(text).toEqualTypeOf<string>();
  });
});

Deno.test("An injecting plugin rejects a function without its type", () => {
  compiles((scheduler) => {
    // @ts-expect-error the plugin injects a WorkerComm
    scheduler.task((n: number, text: string) => `${n}${text}`, { plugins: new Comm() });
    // @ts-expect-error the second of the plugins does
    scheduler.task((n: number) => n, { plugins: [new Limiter({}), new Comm()] });
  });
});

Deno.test("Several plugins combine their events, arguments and declining", () => {
  const other = scheduler.task(textOf);
  const comm = scheduler.task((_comm: WorkerComm) => 1, { plugins: new Comm() });
  const task = scheduler.task((comm: WorkerComm, n: number) => {
    comm.send(n);
    return n;
  }, {
    plugins: [new Comm(), new Limiter({ notWhileRunning: [other, comm] }), new ResourceLimits()],
  });
  expectTypeOf(task.submit).toEqualTypeOf<
    (n: Given<number>) => Future<number, [n: number]> | undefined
  >();
  task.on("concurrent-limit-reached", (sender, n) => {
    expectTypeOf(n).toEqualTypeOf<number>();
    sender.submit(n);
  });
  task.on("wall-time-limit-reached", (future, error) => {
    expectTypeOf(error).toEqualTypeOf<RangeError>();
    expectTypeOf(future).toEqualTypeOf<Future<number, [n: number]>>();
    task.submit(...future.args);
  });
  task.on("comm-open", (message) => expectTypeOf(message).toEqualTypeOf<CommMessage>());
  // @ts-expect-error no plugin has this event
  assertThrows(() => task.on("comm-shut", () => {}), EventNotKnownError);
});

Deno.test("A user's plugin, class or literal, types its events", () => {
  const literal: Plugin<SeenEvents> = { name: "literal", events: ["seen"] };
  for (const plugins of [[literal], new Seen()] as const) {
    const task = scheduler.task(textOf, { plugins });
    task.on("seen", (sender, when) => {
      expectTypeOf(when).toEqualTypeOf<Date>();
      sender.submit(3);
    });
  }
  // @ts-expect-error an event that the plugin does not declare
  const _wrong: Plugin<SeenEvents> = { name: "wrong", events: ["saw"] };
});

Deno.test("The type of preSubmit() says whether a plugin declines", () => {
  const keeps = scheduler.task(textOf, {
    plugins: { name: "keeps", preSubmit: (submission) => ({ ...submission, args: [1] }) },
  });
  expectTypeOf(keeps.submit).returns.toEqualTypeOf<Future<string, [x: number]>>();
  const drops = scheduler.task(textOf, {
    plugins: [
      { name: "plain" },
      { name: "drops", preSubmit: (submission) => submission.args.length ? submission : null },
    ],
  });
  expectTypeOf(drops.submit).returns.toEqualTypeOf<Future<string, [x: number]> | undefined>();
  const watches = scheduler.task(textOf, { plugins: [new Seen(), new ResourceLimits()] });
  expectTypeOf(watches.submit).returns.toEqualTypeOf<Future<string, [x: number]>>();
  const none = scheduler.task(textOf, { plugins: [] });
  expectTypeOf(none.submit).returns.toEqualTypeOf<Future<string, [x: number]>>();
});

Deno.test("Declined, SubmitArgs and EventsOf take plugins or lists", () => {
  expectTypeOf<Declined<Limiter>>().toEqualTypeOf<undefined>();
  expectTypeOf<Declined<Comm>>().toEqualTypeOf<never>();
  expectTypeOf<Declined<readonly [Comm, Limiter]>>().toEqualTypeOf<undefined>();
  expectTypeOf<Declined<{ readonly name: string }>>().toEqualTypeOf<never>();
  expectTypeOf<SubmitArgs<Comm, [WorkerComm, number]>>().toEqualTypeOf<[number]>();
  expectTypeOf<SubmitArgs<readonly [Limiter, Comm], [WorkerComm, number]>>()
    .toEqualTypeOf<[number]>();
  expectTypeOf<SubmitArgs<Limiter, [a: number]>>().toEqualTypeOf<[a: number]>();
  expectTypeOf<keyof EventsOf<Limiter, [number], string>>().toEqualTypeOf<keyof LimiterEvents>();
  expectTypeOf<EventsOf<ResourceLimits, [a: number], string>["wall-time-limit-reached"]>()
    .toEqualTypeOf<[future: Future<string, [a: number]>, error: RangeError]>();
  expectTypeOf<EventsOf<Seen, [a: number], string>["seen"]>()
    .toEqualTypeOf<[task: Task<[a: number], string>, when: Date, a: number]>();
});

Deno.test("Task.attachPlugin() adds the events of the plugin", () => {
  const task = scheduler.task(textOf).attachPlugin(new Seen()).attachPlugin(new Limiter({}));
  task.on("seen", (_task, when) => expectTypeOf(when).toEqualTypeOf<Date>());
  task.on("call-limit-reached", (_task, x) => expectTypeOf(x).toEqualTypeOf<number>());
  expectTypeOf(task.submit).returns.toEqualTypeOf<Future<string, [x: number]> | undefined>();
});

Deno.test("A task of any type is an AnyTask", () => {
  const tasks: AnyTask[] = [
    scheduler.task(textOf),
    scheduler.task(textOf, { plugins: new Limiter({ maxCalls: 2 }) }),
    scheduler.task((_comm: WorkerComm, n: number) => n, {
      plugins: [new Comm(), new ResourceLimits()],
    }),
    scheduler.task(() => {}),
  ];
  assertEquals(tasks.length, 4);
});

Deno.test("task() rejects a plugin of the wrong shape", () => {
  compiles(() => {
    // @ts-expect-error no name
    scheduler.task(textOf, { plugins: { preSubmit: (submission: Submission) => submission } });
    // @ts-expect-error neither a submission nor null
    scheduler.task(textOf, { plugins: { name: "p", preSubmit: () => 5 } });
    // @ts-expect-error a promise is not a submission
    scheduler.task(textOf, { plugins: { name: "p", preSubmit: async (s: Submission) => await s } });
    // @ts-expect-error an unknown option
    scheduler.task(textOf, { plugin: new Limiter({}) });
  });
});

// ----------------------------------------------------------------------------- scheduler

Deno.test("Scheduler.stop fits every event and takes options", () => {
  const task = scheduler.task(textOf, { plugins: new Limiter({ maxCalls: 2 }) });
  const emitter = new Emitter<{ found: [path: string]; none: [] }>({ events: ["found", "none"] });
  emitter.on("found", scheduler.stop);
  emitter.on("none", scheduler.stop);
  task.on("result", scheduler.stop);
  task.on("call-limit-reached", scheduler.stop);
  task.onException(scheduler.stop);
  scheduler.onStart(scheduler.stop);
  scheduler.onFutureException(scheduler.stop);
  compiles(() => {
    scheduler.stop();
    scheduler.stop({ message: "enough" });
    scheduler.stop({ message: "enough", exception: new Error("no") });
    scheduler.callLater(80, scheduler.stop);
    expectTypeOf(scheduler.stop()).toEqualTypeOf<void>();
  });
});

Deno.test("Scheduler.callLater() checks the arguments of its function", () => {
  compiles(() => {
    using handle = scheduler.callLater(5, (n: number, text: string) => [n, text], 1, "x");
    handle.cancel();
    scheduler.callLater(5, textOf, 1);
    // @ts-expect-error a wrong argument
    scheduler.callLater(5, textOf, "1");
    // @ts-expect-error a missing argument
    scheduler.callLater(5, textOf);
    // @ts-expect-error a wrong delay
    scheduler.callLater("5", () => {});
  });
});

Deno.test("Scheduler.run() takes its options and resolves to an ExitState", () => {
  compiles(async () => {
    const exit = await scheduler.run({
      timeout: 5,
      onException: [[RangeError, "ignore"], [DOMException, "end"], [Error, "raise"]],
    });
    expectTypeOf(exit).toEqualTypeOf<ExitState>();
    expectTypeOf(exit.code).toEqualTypeOf<
      "stopped" | "timeout" | "exhausted" | "cancelled" | "exception"
    >();
    expectTypeOf(exit.runaways).toEqualTypeOf<number | undefined>();
    scheduler.run({ wait: "all" });
    // @ts-expect-error an unknown option
    scheduler.run({ timeOut: 5 });
    // @ts-expect-error a wrong value
    scheduler.run({ wait: "some" });
    // @ts-expect-error a wrong action
    scheduler.run({ onException: "stop" });
    // @ts-expect-error a wrong action of a class
    scheduler.run({ onException: [[Error, "stop"]] });
    // @ts-expect-error a list is only for exceptions
    scheduler.run({ onCancelled: [[Error, "end"]] });
  });
});

Deno.test("Scheduler's properties are read-only", () => {
  compiles(() => {
    expectTypeOf(scheduler.queue).toEqualTypeOf<ReadonlySet<Future<unknown>>>();
    expectTypeOf(scheduler.tasks).toEqualTypeOf<readonly AnyTask[]>();
    expectTypeOf(scheduler.eventCounts["future-done"]).toEqualTypeOf<number>();
    // @ts-expect-error read-only
    scheduler.running = false;
    // @ts-expect-error read-only
    scheduler.queue.clear();
    // @ts-expect-error read-only
    scheduler.tasks.push(scheduler.task(textOf));
    // @ts-expect-error read-only
    scheduler.eventCounts.start = 0;
    // Any name is allowed, because programs may have names in a list.
    const name: string = "future-done";
    expectTypeOf(scheduler.eventCounts[name]).toEqualTypeOf<number | undefined>();
  });
});

Deno.test("Options may be undefined under exactOptionalPropertyTypes", () => {
  const callback: CallbackOptions = {
    every: undefined,
    when: undefined,
    limit: undefined,
    repeat: undefined,
    hidden: undefined,
    signal: undefined,
  };
  const run: RunOptions = {
    timeout: undefined,
    endOnEmpty: undefined,
    wait: undefined,
    onException: undefined,
    onCancelled: undefined,
    signal: undefined,
    handleSignals: undefined,
  };
  compiles(() => {
    scheduler.run(run);
    scheduler.stop({ message: undefined, exception: undefined });
    scheduler.once("start", { signal: undefined });
    scheduler.stream("start", { signal: undefined });
    Scheduler.withWorkers(undefined, { name: undefined });
  });
  scheduler.onStart(() => {}, callback);
  const task = scheduler.task(textOf, { name: undefined });
  task.with({ signal: undefined, transfer: undefined, priority: undefined, limits: undefined });
  // The sequential executor refuses the limit.
  compiles(() => {
    task.with({ limits: { wallTime: undefined, cpuTime: undefined, memory: 1 } });
  });
  new Emitter<{ found: [] }>({ name: undefined, events: undefined });
  new Limiter({ maxCalls: undefined, maxConcurrent: undefined, notWhileRunning: undefined });
});

// ----------------------------------------------------------------------------- emitters

interface UserEvents {
  found: [path: string];
  done: [];
}

export const viaInterface: Emitter<UserEvents> = new Emitter<UserEvents>({
  events: ["found", "done"],
});

Deno.test("Emitter takes events as a type or an interface", () => {
  const viaType = new Emitter<{ found: [path: string]; done: [] }>({ events: ["found", "done"] });
  for (const emitter of [viaInterface, viaType]) {
    const subscription = emitter.on("found", (path) => expectTypeOf(path).toEqualTypeOf<string>());
    emitter.emit("found", "/x");
    emitter.emit("done");
    subscription();
    expectTypeOf(emitter.subscriber("found")).parameter(0).parameters
      .toEqualTypeOf<[path: string]>();
    expectTypeOf(emitter.eventCounts).toExtend<Readonly<Record<string, number>>>();
    expectTypeOf(emitter.eventCounts.found).toEqualTypeOf<number>();
  }
  compiles(() => {
    // @ts-expect-error a wrong argument
    viaInterface.emit("found", 5);
    // @ts-expect-error a missing argument
    viaInterface.emit("found");
    // @ts-expect-error a surplus argument
    viaInterface.emit("done", 5);
    // @ts-expect-error an event that is not one of its own
    new Emitter<UserEvents>({ events: ["lost"] });
    // @ts-expect-error no option of this name
    viaInterface.on("done", () => {}, { times: 2 });
    // @ts-expect-error `when` asks nothing
    viaInterface.on("done", () => {}, { when: (path: string) => path === "" });
  });
});

// ----------------------------------------------------------------------------- functions, the rest

Deno.test("fromModule() has the functions of a module, returning promises", () => {
  type Module = {
    scale(x: number): number;
    load(path: string): Promise<Uint8Array>;
    constant: 3;
  };
  const work = fromModule<Module>("file:///work.ts");
  expectTypeOf<keyof typeof work>().toEqualTypeOf<"scale" | "load">();
  expectTypeOf(work.scale).toEqualTypeOf<(x: number) => Promise<number>>();
  expectTypeOf(work.load).toEqualTypeOf<(path: string) => Promise<Uint8Array>>();
  const task = scheduler.task(work.scale);
  expectTypeOf(task.submit).toEqualTypeOf<(x: Given<number>) => Future<number, [x: number]>>();
  task.onResult((_future, scaled) => expectTypeOf(scaled).toEqualTypeOf<number>());
  compiles(() => {
    // @ts-expect-error not a function
    work.constant;
    // @ts-expect-error not exported
    work.absent;
    // @ts-expect-error a wrong argument
    task.submit("3");
    // @ts-expect-error not a URL
    fromModule<Module>(5);
  });
  expectTypeOf(fromModule<typeof import("../fixtures/modules/work.ts")>("file:///x.ts").scale)
    .toEqualTypeOf<(n: number) => Promise<number>>();
});

Deno.test("transfer() keeps the type and takes only transferable values", () => {
  const buffer = new ArrayBuffer(8);
  expectTypeOf(transfer({ buffer }, [buffer])).toEqualTypeOf<{ buffer: ArrayBuffer }>();
  compiles(() => {
    // @ts-expect-error not an object
    transfer(5, []);
    // @ts-expect-error text cannot move
    transfer({ buffer }, ["buffer"]);
  });
});

Deno.test("share() keeps the type and adds release()", () => {
  compiles((scheduler) => {
    const rows = scheduler.share([[1, 2]]);
    expectTypeOf(rows).toEqualTypeOf<Shared<number[][]>>();
    expectTypeOf(rows[0]).toEqualTypeOf<number[] | undefined>();
    expectTypeOf(rows.release).toEqualTypeOf<() => void>();
    const task = scheduler.task((rows: number[][], n: number) => rows[n]);
    expectTypeOf(task.submit(rows, 1)).toEqualTypeOf<
      Future<number[] | undefined, [rows: number[][], n: number]>
    >();
    expectTypeOf(scheduler.submit((rows: number[][]) => rows, rows)).toEqualTypeOf<
      Future<number[][], [rows: number[][]]>
    >();
    // @ts-expect-error a value of another type
    task.submit(scheduler.share(["text"]), 1);
    // @ts-expect-error not an object
    scheduler.share(1);
  });
});

Deno.test("Requeue infers the type of its items", () => {
  const items = new Requeue([1, 2]);
  expectTypeOf(items.size).toEqualTypeOf<number | undefined>();
  for (const item of items) expectTypeOf(item).toEqualTypeOf<number>();
  compiles(() => {
    const { value, done } = items.next();
    expectTypeOf(value).toEqualTypeOf<number | undefined>();
    if (done !== true) items.requeue(value);
    // @ts-expect-error another type
    items.append("3");
    // @ts-expect-error not an iterable
    new Requeue(5);
  });
});

Deno.test("Limiter() rejects wrong options", () => {
  // @ts-expect-error a wrong value
  assertThrows(() => new Limiter({ maxCalls: "2" }), TypeError);
  // @ts-expect-error an unknown option
  assertThrows(() => new Limiter({ maxRunning: 2 }), TypeError);
  // @ts-expect-error not a task
  assertThrows(() => new Limiter({ notWhileRunning: textOf }), TypeError);
});

Deno.test("Scheduler takes any Executor", () => {
  const executor = {
    name: "mine",
    workerCount: 1,
    submit: (call: Call) => call.succeed(undefined),
    cancel: () => {},
    shutdown: () => Promise.resolve({ runaways: undefined }),
  } satisfies Executor;
  expectTypeOf(new Scheduler(executor).executor).toEqualTypeOf<Executor>();
  // @ts-expect-error not an executor
  assertThrows(() => new Scheduler({ name: "mine" }), TypeError);
});

// ----------------------------------------------------------------------------- what is not a task

Deno.test("A generic function takes its constraint as argument", () => {
  const byId = scheduler.task(<T extends { id: number }>(x: T): T => x);
  expectTypeOf(byId.submit).parameters.toEqualTypeOf<[x: Given<{ id: number }>]>();
  const same = scheduler.task(<T>(x: T): T => x);
  expectTypeOf(same.submit).toEqualTypeOf<(x: unknown) => Future<unknown, [x: unknown]>>();
  compiles((scheduler) => {
    // @ts-expect-error it has no id
    byId.submit("no id at all");
    byId.submit({ id: 1 });
    // @ts-expect-error it has no id
    scheduler.submit(<T extends { id: number }>(x: T): T => x, {});
  });
});

Deno.test("A generic function may pass on a TaskFunction", () => {
  function first<A extends unknown[], R>(
    scheduler: Scheduler,
    fn: TaskFunction<A, R>,
    ...args: A
  ): Future<Awaited<R>, A> | undefined {
    const task = scheduler.task(fn, { plugins: new Limiter({ maxCalls: 1 }) });
    scheduler.task(fn, { name: "named" }).submit(...args);
    scheduler.submit(fn, ...args);
    return task.submit(...args);
  }
  compiles((scheduler) => {
    const future = first(scheduler, (a: number, b: string) => Promise.resolve(b.repeat(a)), 2, "x");
    expectTypeOf(future).toEqualTypeOf<Future<string, [a: number, b: string]> | undefined>();
  });
});

Deno.test("A function with a typed `this` is rejected", () => {
  function timeOf(this: Date): number {
    return this.getTime();
  }
  compiles((scheduler) => {
    // @ts-expect-error it is called without an object
    scheduler.task(timeOf);
    // @ts-expect-error it is called without an object
    scheduler.task(timeOf, { plugins: new Limiter({}) });
    // @ts-expect-error it is called without an object
    scheduler.submit(timeOf);
    scheduler.task(function (this: void) {
      return 1;
    }).submit();
  });
});

Deno.test("A generator function is not a task", () => {
  async function* rows(): AsyncGenerator<number> {
    yield await Promise.resolve(1);
  }
  function* numbers(): Generator<number> {
    yield 1;
  }
  const { stream } = fromModule<{ stream(): AsyncGenerator<number> }>("file:///rows.ts");
  compiles((scheduler) => {
    // @ts-expect-error an async generator function
    scheduler.task(rows);
    // @ts-expect-error an async generator function
    scheduler.task(async function* () {
      yield await Promise.resolve(1);
    }, { plugins: new Limiter({}) });
    // @ts-expect-error an async generator function
    scheduler.submit(rows);
    // @ts-expect-error a generator function
    scheduler.task(numbers);
    // @ts-expect-error an async generator function of a module
    scheduler.task(stream);
  });
  // deno-lint-ignore no-explicit-any -- a result of any type
  const results: TaskFunction<[], any>[] = [() => 1, () => {}, async () => await Promise.resolve()];
  for (const fn of results) expectTypeOf(scheduler.task(fn).submit).toBeFunction();
  const endless = scheduler.task((): never => {
    throw new RangeError("no");
  });
  expectTypeOf(endless.submit).returns.toEqualTypeOf<Future<never, []>>();
});

Deno.test("task() rejects a plugin as options and plugin classes", () => {
  compiles((scheduler) => {
    const fn = (n: number) => n;
    // @ts-expect-error it goes to the option plugins
    scheduler.task(fn, new Limiter({ maxCalls: 1 }));
    // @ts-expect-error it goes to the option plugins
    scheduler.task(fn, { name: "literal", preSubmit: (submission: Submission) => submission });
    // @ts-expect-error the class
    scheduler.task(fn, { plugins: Limiter });
    // @ts-expect-error the class
    scheduler.task(fn, { plugins: [new Seen(), Limiter] });
    // @ts-expect-error the class
    scheduler.task(fn).attachPlugin(Limiter);
    // @ts-expect-error the class
    const plugin: Plugin = Limiter;
    return plugin;
  });
});

Deno.test("A wrong injection names plugin, types and parameter", async () => {
  const { compiles, errors } = await checkTypes(`
    import { type Plugin, Scheduler, type Submission } from "@amltk/scheduling";

    class Seeded implements Plugin<object, number> {
      readonly name = "seeded";
      declare readonly types?: { events: object; injects: number };
      preSubmit(submission: Submission): Submission {
        return { ...submission, injected: [42] };
      }
    }

    const scheduler = Scheduler.withSequential();
    scheduler.task((seed: string, n: number) => seed.repeat(n), { plugins: new Seeded() });
  `);
  assertEquals(compiles, false);
  assertStringIncludes(errors, 'InjectionMismatch<"seeded", number, string>');
  assertStringIncludes(errors, "(seed: string, n: number) => string");
  assertStringIncludes(errors, "program.ts:13:");
});

// ----------------------------------------------------------------------------- in a program

Deno.test("Options of a program may be undefined", async () => {
  const { errors } = await checkTypes(`
    import { Limiter, Scheduler, type StopOptions, WorkerLostError } from "@amltk/scheduling";

    export function program(limiter: Limiter | undefined, message: string | undefined): unknown {
      const scheduler = Scheduler.withWorkers(1);
      const options: StopOptions = { message };
      scheduler.stop(options);
      const task = scheduler.task((n: number) => n, { plugins: limiter });
      task.submit(1)?.cancel();
      scheduler.task((n: number) => n, { plugins: undefined, name: undefined }).submit(1).cancel();
      return new WorkerLostError("lost", "exit", { exitCode: undefined });
    }
  `);
  const messages = errors.split("\n").filter((line) => line.startsWith("TS"));
  assertEquals(messages, []);
});
