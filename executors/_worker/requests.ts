/** The requests of a function that wait for their answers. @module */

import type { MessageFromCall, MessageToCall } from "../../scheduling/channel.ts";
import { CommClosedError } from "../../scheduling/errors.ts";

type Answer = Extract<MessageToCall, { readonly id: number }>;

/** The timers by which requests time out. */
export type Timers = Pick<typeof globalThis, "setTimeout" | "clearTimeout">;

// Kept, because tasks may replace them.
const TIMERS: Timers = { setTimeout, clearTimeout };
const LONGEST_TIMER = 2 ** 31 - 1;

/** Numbers requests and settles them. */
export class Requests {
  readonly #send: (message: MessageFromCall) => void;
  readonly #timers: Timers;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #lastId = 0;

  /** `send` sends requests, and the news that one no longer waits. */
  constructor(send: (message: MessageFromCall) => void, timers: Timers = TIMERS) {
    this.#send = send;
    this.#timers = timers;
  }

  async ask(data: unknown, options: { timeout?: number | undefined }): Promise<unknown> {
    const timeout = checkedTimeout(options);
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const { setTimeout, clearTimeout } = this.#timers;
    try {
      // The answer may come at once.
      this.#send({ type: "request", id, data });
      if (timeout !== undefined && timeout <= LONGEST_TIMER) {
        timer = setTimeout(() => this.#giveUp(id, timeout), timeout);
      }
      return await answer.promise;
    } finally {
      this.#waiting.delete(id);
      clearTimeout(timer);
    }
  }

  /** Takes an answer, unless its request was given up. */
  settle(message: Answer): void {
    const waiting = this.#take(message.id);
    if (message.type === "answer") waiting?.resolve(message.value);
    else waiting?.reject(message.why === "unheard" ? unheardError() : unansweredError());
  }

  /** Rejects all that wait, because the function has ended. */
  close(): void {
    for (const id of [...this.#waiting.keys()]) this.#take(id)?.reject(unansweredError());
  }

  #giveUp(id: number, timeout: number): void {
    const waiting = this.#take(id);
    if (waiting === undefined) return;
    waiting.reject(new DOMException(`No answer came within ${timeout} ms`, "TimeoutError"));
    this.#send({ type: "request-over", id });
  }

  #take(id: number): PromiseWithResolvers<unknown> | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }
}

function checkedTimeout(options: { timeout?: number | undefined }): number | undefined {
  const other = Object.keys(options).find((name) => name !== "timeout");
  if (other !== undefined) {
    throw new TypeError(`request() has no option "${other}": it has timeout`);
  }
  const { timeout } = options;
  if (timeout !== undefined && typeof timeout !== "number") {
    throw new TypeError(`timeout must be a number of milliseconds, not ${JSON.stringify(timeout)}`);
  }
  if (timeout !== undefined && !(timeout >= 0)) {
    throw new RangeError(`timeout must be 0 or more milliseconds, not ${timeout}`);
  }
  return timeout;
}

function unheardError(): TypeError {
  return new TypeError(
    "Nobody can answer the request: no callback listens to comm-request; add one to the task",
  );
}

function unansweredError(): CommClosedError {
  return new CommClosedError("Nobody will answer the request, because the run or the call ends");
}
