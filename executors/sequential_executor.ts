/**
 * Runs functions in this thread, one after the other.
 *
 * @module
 */

import { type AsyncContext, currentContext, inContext } from "../scheduling/_base/async_context.ts";
import { now, setImmediate } from "../scheduling/_base/time.ts";
import type { Channel } from "../scheduling/channel.ts";
import type { TaskFunction } from "../scheduling/function.ts";
import type {
  Call,
  Executor,
  ExecutorFeature,
  ShutdownReport,
  WorkerStatistics,
} from "../scheduling/executor.ts";
import { type CommConnection, connectComm } from "./connect_comm.ts";
import { CallQueue } from "./_pool/call_queue.ts";
import { RefusedError, SAME_THREAD } from "../scheduling/_base/medium.ts";
import { copyToShare } from "./_wire/shared_memory.ts";
import { argumentError } from "../scheduling/_base/uncloneable.ts";

/**
 * Runs functions in this thread, one after the other. Use it for debugging, and for functions that need
 * values which cannot cross to a worker. Nothing is copied, and closures work. As on workers, a future
 * inside an argument is refused.
 *
 * A function starts in a later macrotask than its submission, so even an endless chain of calls leaves
 * room for timers and other events. Nothing can stop an async function: if its call is cancelled, the
 * function keeps running and its result is ignored.
 *
 * @example Debug in one thread
 * ```ts
 * import { Scheduler, SequentialExecutor } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const seen: string[] = [];
 * const scheduler = new Scheduler(new SequentialExecutor());
 * const task = scheduler.task((word: string) => seen.push(word));
 * scheduler.onStart(() => {
 *   task.submit("a");
 *   task.submit("b");
 * });
 * await scheduler.run();
 * assertEquals(seen, ["a", "b"]);
 * ```
 *
 * @category Executors
 */
export class SequentialExecutor implements Executor {
  /** The name of the executor. */
  readonly name = "SequentialExecutor";
  /** Always 1: functions run one after the other. */
  readonly workerCount = 1;
  /** It honours priorities and messages. */
  readonly features: readonly ExecutorFeature[] = ["priority", "comm"];
  readonly #queue = new CallQueue();
  readonly #contexts = new WeakMap<Call, AsyncContext>();
  #current: Call | undefined;
  // The messages of the current call, if it has any.
  #connection: CommConnection | undefined;
  #startedAt = 0;
  // Without those that were abandoned.
  #callsStarted = 0;
  #scheduled = false;

  /**
   * Queues a call.
   *
   * @param call The call.
   */
  submit(call: Call): void {
    const context = currentContext();
    if (context !== undefined) this.#contexts.set(call, context);
    this.#queue.push(call);
    this.#nextLater();
  }

  /**
   * Abandons a running call and starts the next one.
   *
   * @param call The call.
   */
  cancel(call: Call): void {
    if (call !== this.#current) return;
    this.#endCurrent();
    this.#callsStarted--;
    this.#nextLater();
  }

  /**
   * Returns what this thread does and has done, as that of one worker.
   *
   * @returns its record.
   */
  workers(): WorkerStatistics[] {
    const call = this.#current?.settled ? undefined : this.#current;
    return [{
      number: 1,
      state: call === undefined ? "idle" : "busy",
      call: call && { task: call.name, future: call.id, startedAt: this.#startedAt },
      callsDone: this.#callsStarted - (call === undefined ? 0 : 1),
      starts: 1,
      losses: 0,
    }];
  }

  /**
   * Copies a value to be shared.
   *
   * @param value The value.
   * @returns the copy.
   * @throws {DOMException} `DataCloneError` if it cannot be cloned.
   */
  share(value: object): object {
    return copyToShare(value);
  }

  /**
   * Does nothing, because there are no workers to end.
   *
   * @returns a report of no runaway threads.
   */
  shutdown(): Promise<ShutdownReport> {
    return Promise.resolve({ runaways: 0 });
  }

  #nextLater(): void {
    if (this.#scheduled || this.#current !== undefined || this.#queue.size === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#next();
    });
  }

  #next(): void {
    const call = this.#queue.shift();
    if (call === undefined) return;
    this.#current = call;
    inContext(this.#contexts.get(call), () => this.#run(call));
  }

  async #run(call: Call): Promise<void> {
    const { function: fn, args, channel } = call;
    try {
      if (!SAME_THREAD.accepts(args)) throw argumentError(call, new RefusedError(SAME_THREAD));
      this.#startedAt = now();
      this.#callsStarted++;
      call.started(this.#startedAt, 1);
      call.succeed(await (channel === undefined ? fn(...args) : this.#runWith(channel, fn, args)));
    } catch (error) {
      call.fail(error);
    }
    if (call !== this.#current) return;
    this.#endCurrent();
    this.#nextLater();
  }

  #runWith(channel: Channel, fn: TaskFunction, args: readonly unknown[]): unknown {
    const connection = connectComm({ send: (message) => channel.receive(message) });
    this.#connection = connection;
    channel.open((message) => connection.receive(message));
    return fn(connection.comm, ...args);
  }

  #endCurrent(): void {
    this.#current = undefined;
    this.#connection?.close();
    this.#connection = undefined;
  }
}
