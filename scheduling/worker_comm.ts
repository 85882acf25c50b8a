/**
 * What a function sees of its channel to the main thread.
 *
 * @module
 */

/**
 * The types of the messages of a function: `sent` by it, `asked` by it and `answered` by the main thread,
 * and `received` from the main thread. What is left out is never sent.
 *
 * @example A function that reports scores and hears of new budgets
 * ```ts
 * import { Comm, type CommTypes, Scheduler, type WorkerComm } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * interface Messages extends CommTypes {
 *   sent: { epoch: number; score: number };
 *   received: { budget: number };
 * }
 *
 * const comm = new Comm();
 * const scheduler = Scheduler.withWorkers(1);
 * const train = scheduler.task(async (comm: WorkerComm<Messages>) => {
 *   for await (const { budget } of comm) {
 *     for (let epoch = 1; epoch <= budget; epoch++) comm.send({ epoch, score: 1 / epoch });
 *     break;
 *   }
 * }, { plugins: comm });
 * const scores: number[] = [];
 * train.on("comm-message", (_future, { score }) => scores.push(score));
 * train.on("comm-open", (future) => comm.send(future, { budget: 2 }));
 * scheduler.onStart(() => {
 *   train.submit();
 * });
 * await scheduler.run();
 * assertEquals(scores, [1, 0.5]);
 * ```
 *
 * @category Plugins
 */
export interface CommTypes {
  /** What `send()` sends. */
  sent?: unknown;
  /** What `request()` asks. */
  asked?: unknown;
  /** What `request()` is answered. */
  answered?: unknown;
  /** What the iteration receives. */
  received?: unknown;
}

/**
 * The type that is declared under a name; `never` if none is.
 *
 * @internal
 */
export type Declared<T, K extends string> = K extends keyof T ? Exclude<T[K], undefined> : never;

/**
 * The first parameter of a function whose task has the plugin `Comm`: it talks to the main thread while it
 * runs. Messages arrive in the order of sending, and none that was sent before the function ended is lost.
 *
 * Data are copied as `structuredClone()` copies them. After the function has ended, `send()` and
 * `progress()` throw `CommClosedError`, and `request()` rejects with it.
 *
 * @typeParam T The types of the messages.
 *
 * @example Send, ask, and receive
 * ```ts
 * import { Comm, Scheduler, type WorkerComm } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * type Messages = { sent: string; asked: number; answered: number };
 *
 * const scheduler = Scheduler.withWorkers(1);
 * const task = scheduler.task(async (comm: WorkerComm<Messages>, n: number) => {
 *   comm.send("begins");
 *   return await comm.request(n) + 1;
 * }, { plugins: new Comm() });
 * const messages: string[] = [];
 * task.on("comm-message", (_future, text) => messages.push(text));
 * task.on("comm-request", (_future, n, respond) => respond(2 * n));
 * scheduler.onStart(async () => assertEquals(await task.submit(20), 41));
 * await scheduler.run();
 * assertEquals(messages, ["begins"]);
 * ```
 *
 * @category Plugins
 */
export interface WorkerComm<T extends CommTypes = CommTypes>
  extends AsyncIterable<Declared<T, "received">> {
  /**
   * Aborts when the main thread asks the function to end: `future.cancel({ grace })`, or the end of a run
   * with `wait: ms`. On workers and processes, `aborted` and `throwIfAborted()` are right even in a loop
   * that never yields, and so is `reason` from then on, unless it has more than 4 KB: such a loop then finds
   * an `AbortError`.
   */
  readonly signal: AbortSignal;
  /**
   * Sends a message. If too many are unread, it blocks the worker until the main thread has read some.
   *
   * @param data The message.
   * @throws {DOMException} `DataCloneError` when it cannot cross.
   * @throws {CommClosedError} when the function has ended, or its worker is about to end.
   */
  send(data: Declared<T, "sent">): void;
  /**
   * Asks the main thread.
   *
   * @param data The question.
   * @param options `timeout`: how many milliseconds to wait for the answer; for ever by default.
   * @returns a promise of the answer. It rejects with a `TimeoutError` after the timeout, with
   * `CommClosedError` when the run ends and nobody will answer, and with a `TypeError` when no callback
   * listens to the requests of the task.
   * @throws {DOMException} `DataCloneError` when the question cannot cross, as a rejection.
   */
  request(
    data: Declared<T, "asked">,
    options?: { timeout?: number | undefined },
  ): Promise<Declared<T, "answered">>;
  /**
   * Reports the progress of the function.
   *
   * @param fraction How much is done, from 0 to 1.
   * @param message What is being done.
   * @throws {RangeError} when the fraction is outside of 0 to 1.
   * @throws {TypeError} when the fraction is no number, or the message no string.
   * @throws {CommClosedError} when the function has ended, or its worker is about to end.
   */
  progress(fraction: number, message?: string): void;
  /** Types only, never present. */
  readonly "~types"?: {
    sent: Declared<T, "sent">;
    asked: Declared<T, "asked">;
    respond: (answer: Declared<T, "answered">) => boolean;
  };
}
