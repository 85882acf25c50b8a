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
 * @example The answer to the first request of a call
 * ```ts
 * import type { MessageToCall } from "@amltk/scheduling";
 *
 * const answer: MessageToCall = { type: "answer", id: 1, value: "yes" };
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
 * @example An executor that opens channels, and whose functions send nothing
 * ```ts
 * import type { Call, MessageToCall } from "@amltk/scheduling";
 *
 * function begin(call: Call, send: (message: MessageToCall) => void): void {
 *   call.started();
 *   call.channel?.open(send);
 * }
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
 * @example Send a value
 * ```ts
 * import type { ChannelConnection } from "@amltk/scheduling";
 *
 * function hurry(connection: ChannelConnection): boolean {
 *   return connection.send("hurry");
 * }
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
 * import { type ChannelListener, Scheduler, type Submission } from "@amltk/scheduling";
 * import type { WorkerComm } from "@amltk/scheduling";
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
