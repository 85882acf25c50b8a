/** The function's end of a channel. @module */

import { CommClosedError } from "../../scheduling/errors.ts";
import type { MessageFromCall, MessageToCall } from "../../scheduling/channel.ts";
import type { WorkerComm } from "../../scheduling/worker_comm.ts";
import { AbortView } from "./abort_view.ts";
import { Inbox } from "./inbox.ts";
import { Requests, type Timers } from "./requests.ts";

/**
 * Carries the messages of one call.
 *
 * @example A function that sees its abort without yielding
 * ```ts
 * import { type CommTransport, connectComm } from "@amltk/scheduling/executors";
 * import { assertEquals } from "@std/assert";
 *
 * const flag = new Int32Array(new SharedArrayBuffer(4));
 * const transport: CommTransport = {
 *   send: () => {},
 *   abortReason: () => Atomics.load(flag, 0) === 1 ? { reason: "enough" } : undefined,
 * };
 * const { signal } = connectComm(transport).comm;
 * const before = signal.aborted;
 * Atomics.store(flag, 0, 1);
 * assertEquals([before, signal.aborted, signal.reason], [false, true, "enough"]);
 * ```
 *
 * @category Executors
 */
export interface CommTransport {
  /**
   * Sends a message; may block while too many are unread.
   *
   * @param message The message, for `call.channel.receive()`.
   * @throws {DOMException} `DataCloneError` for data that cannot cross.
   * @throws {CommClosedError} when the worker is about to end.
   */
  send(message: MessageFromCall): void;
  /**
   * Looks whether the call is to end, for a function that never yields.
   *
   * @returns the reason if it is, before the message arrives that says so; undefined if it is not.
   */
  abortReason?(): { readonly reason: unknown } | undefined;
}

/** The `WorkerComm` of one call. */
export class FunctionComm implements WorkerComm {
  readonly #transport: CommTransport;
  readonly #abort: AbortView;
  readonly #requests: Requests;
  readonly #inbox: Inbox;
  #closed = false;

  constructor(transport: CommTransport, timers?: Timers) {
    this.#transport = transport;
    this.#abort = new AbortView(() => transport.abortReason?.());
    const send = (message: MessageFromCall) => this.#send(message);
    this.#requests = new Requests(send, timers);
    this.#inbox = new Inbox(send);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  send(data: unknown): void {
    this.#send({ type: "message", data });
  }

  request(data: unknown, options: { timeout?: number | undefined } = {}): Promise<unknown> {
    const answer = this.#requests.ask(data, options);
    // A function that has ended awaits it no longer.
    answer.catch(() => {});
    return answer;
  }

  progress(fraction: number, message?: string): void {
    checkProgress(fraction, message);
    this.#send({ type: "progress", fraction, message });
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown, undefined> {
    return this.#inbox;
  }

  /** Takes a message of the main thread. */
  receive(message: MessageToCall): void {
    switch (message.type) {
      case "message":
        return this.#inbox.add(message.data);
      case "end":
        return this.#inbox.end();
      case "abort":
        return this.#abort.abort(message.reason);
      default:
        return this.#requests.settle(message);
    }
  }

  /** The function has ended. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#requests.close();
    this.#inbox.end();
  }

  #send(message: MessageFromCall): void {
    if (this.#closed) throw closedError("The function has ended");
    this.#transport.send(message);
  }
}

/** Why nothing can be sent or answered any more. */
export function closedError(why: string): CommClosedError {
  return new CommClosedError(`${why}, so its channel is closed`);
}

function checkProgress(fraction: unknown, message: unknown): void {
  if (typeof fraction !== "number") {
    throw new TypeError(
      `The fraction of progress() must be a number, not ${JSON.stringify(fraction)}`,
    );
  }
  if (!(fraction >= 0 && fraction <= 1)) {
    throw new RangeError(`The fraction of progress() must be from 0 to 1, not ${fraction}`);
  }
  if (message !== undefined && typeof message !== "string") {
    throw new TypeError(
      `The message of progress() must be a string, not ${JSON.stringify(message)}`,
    );
  }
}
