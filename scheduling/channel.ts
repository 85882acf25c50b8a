/**
 * Messages between a running call and the main thread, as executors carry them.
 *
 * ```text
 *  Comm (plugin) ◀── ChannelListener ── CallChannel ◀── Channel ── executor ◀── connectComm() ── function
 *                                                    MessageFromCall
 *       comm.send() ── ChannelConnection ──▶        ── MessageToCall ──▶
 * ```
 *
 * @module
 */

/**
 * What a running call sends. An executor passes it to `call.channel.receive()` as it is, apart from
 * copying its data.
 *
 * - `"message"`: `comm.send()`.
 * - `"request"`: `comm.request()`; `"request-over"`: the call no longer waits for that answer.
 * - `"progress"`: `comm.progress()`.
 * - `"read"`: the function has read `count` messages so far, and waits for the next one or does not.
 *
 * @example Describe what a call sends
 * ```ts
 * import type { MessageFromCall } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const describe = (message: MessageFromCall) =>
 *   message.type === "progress" ? `${100 * message.fraction} %` : message.type;
 * assertEquals(describe({ type: "progress", fraction: 0.5, message: undefined }), "50 %");
 * ```
 *
 * @category Executors
 */
export type MessageFromCall =
  | { readonly type: "message"; readonly data: unknown }
  | { readonly type: "request"; readonly id: number; readonly data: unknown }
  | { readonly type: "request-over"; readonly id: number }
  | { readonly type: "progress"; readonly fraction: number; readonly message: string | undefined }
  | { readonly type: "read"; readonly count: number; readonly waiting: boolean };

/**
 * What is sent to a running call. An executor passes it to the `receive()` of `connectComm()`.
 *
 * - `"message"`: the next value of `for await (const data of comm)`.
 * - `"answer"`: the answer to a request. `"refusal"`: there will be none, because the run ends, or because
 *   nobody listens to requests.
 * - `"abort"`: aborts `comm.signal`.
 * - `"end"`: no message will follow, so the iteration of messages ends.
 *
 * @example Tell a function that nothing will follow
 * ```ts
 * import type { MessageToCall } from "@amltk/scheduling";
 * import { connectComm } from "@amltk/scheduling/executors";
 * import { assertEquals } from "@std/assert";
 *
 * const messages: MessageToCall[] = [{ type: "message", data: 1 }, { type: "end" }];
 * const { comm, receive } = connectComm({ send: () => {} });
 * for (const message of messages) receive(message);
 * assertEquals(await Array.fromAsync(comm), [1]);
 * ```
 *
 * @category Executors
 */
export type MessageToCall =
  | { readonly type: "message"; readonly data: unknown }
  | { readonly type: "answer"; readonly id: number; readonly value: unknown }
  | { readonly type: "refusal"; readonly id: number; readonly why: "closed" | "unheard" }
  | { readonly type: "abort"; readonly reason: unknown }
  | { readonly type: "end" };

/**
 * The main thread's end of the messages of one call. The scheduler makes it, for an executor with the
 * feature `"comm"`.
 *
 * @example Run a call with messages in this thread
 * ```ts
 * import { type Call, Comm, type Executor, Scheduler, type WorkerComm } from "@amltk/scheduling";
 * import { connectComm } from "@amltk/scheduling/executors";
 * import { assertEquals } from "@std/assert";
 *
 * class TalkingExecutor implements Executor {
 *   readonly name = "TalkingExecutor";
 *   readonly workerCount = Infinity;
 *   readonly features = ["comm"] as const;
 *   async submit(call: Call): Promise<void> {
 *     await Promise.resolve();
 *     const { channel, function: run, args } = call;
 *     if (call.settled || channel === undefined) return;
 *     const connection = connectComm({ send: (message) => channel.receive(message) });
 *     call.started();
 *     channel.open((message) => connection.receive(message));
 *     try {
 *       call.succeed(await run(connection.comm, ...args));
 *     } catch (error) {
 *       call.fail(error);
 *     }
 *     connection.close();
 *   }
 *   cancel(): void {}
 *   shutdown(): Promise<{ runaways: undefined }> {
 *     return Promise.resolve({ runaways: undefined });
 *   }
 * }
 *
 * const scheduler = new Scheduler(new TalkingExecutor());
 * const greet = scheduler.task((comm: WorkerComm<{ sent: string }>) => comm.send("hello"), {
 *   plugins: new Comm(),
 * });
 * const heard: string[] = [];
 * greet.on("comm-message", (_future, text) => heard.push(text));
 * scheduler.onStart(() => {
 *   greet.submit();
 * });
 * await scheduler.run();
 * assertEquals(heard, ["hello"]);
 * ```
 *
 * @category Executors
 */
export interface Channel {
  /**
   * Opens the channel, right after `call.started()` and before its first message.
   *
   * @param send Sends a message to the function. It throws `DataCloneError` for data that cannot cross, and
   * does nothing once the function has ended.
   */
  open(send: (message: MessageToCall) => void): void;
  /**
   * Takes a message of the function. All arrive before the call succeeds or fails; those that arrive later
   * are ignored.
   *
   * @param message The message.
   */
  receive(message: MessageFromCall): void;
}

/**
 * How a plugin reaches a call whose channel is open.
 *
 * @example A plugin that sends a number to each function
 * ```ts
 * import { type ChannelConnection, Scheduler, type Submission, type WorkerComm } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const numbers = {
 *   name: "numbers",
 *   preSubmit: (submission: Submission): Submission => ({
 *     ...submission,
 *     channel: () => ({ opened: (connection: ChannelConnection) => void connection.send(42) }),
 *   }),
 * };
 *
 * const scheduler = Scheduler.withSequential();
 * const first = scheduler.task(async (...[comm]: unknown[]) => {
 *   return (await (comm as WorkerComm)[Symbol.asyncIterator]().next()).value;
 * }, { plugins: numbers });
 * scheduler.onStart(async () => assertEquals(await first.submit(), 42));
 * await scheduler.run();
 * ```
 *
 * @category Plugins
 */
export interface ChannelConnection {
  /**
   * Sends a message to the function.
   *
   * @param data Any value that can be cloned.
   * @returns whether the function was still running, as far as is known.
   * @throws {DOMException} `DataCloneError` when the data cannot cross.
   * @throws {RangeError} when the function has left too many messages unread.
   */
  send(data: unknown): boolean;
}

/**
 * What a plugin does with the messages of one attempt of a call.
 *
 * @example Count messages
 * ```ts
 * import { type ChannelListener, Scheduler, type Submission, type WorkerComm } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * let count = 0;
 * const counter = {
 *   name: "counter",
 *   preSubmit(submission: Submission): Submission {
 *     const listener: ChannelListener = { message: () => count++, request: () => false };
 *     return { ...submission, channel: () => listener };
 *   },
 * };
 *
 * const scheduler = Scheduler.withSequential();
 * const task = scheduler.task((...[comm]: unknown[]) => (comm as WorkerComm).send("hello"), {
 *   plugins: counter,
 * });
 * scheduler.onStart(() => {
 *   task.submit();
 * });
 * await scheduler.run();
 * assertEquals(count, 1);
 * ```
 *
 * @category Plugins
 */
export interface ChannelListener {
  /**
   * The function has started.
   *
   * @param connection How to reach it.
   */
  opened?(connection: ChannelConnection): void;
  /**
   * The function has sent a message.
   *
   * @param data The message.
   */
  message?(data: unknown): void;
  /**
   * The function waits for an answer.
   *
   * @param data What it asks.
   * @param respond Sends the answer; returns whether the function was still running, as far as is known. It
   * throws `DataCloneError` for an answer that cannot cross, and `TypeError` when an answer was given before.
   * @returns whether anybody may answer.
   */
  request?(data: unknown, respond: (answer: unknown) => boolean): boolean;
  /**
   * The function has reported its progress.
   *
   * @param fraction From 0 to 1.
   * @param message What it says about that.
   */
  progress?(fraction: number, message: string | undefined): void;
  /** The function has ended, or its worker has. */
  closed?(): void;
}
