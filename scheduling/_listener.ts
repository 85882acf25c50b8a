/** One callback of an event, and the counters behind its options. Pure logic. @module */

import {
  checkBoolean,
  checkCount,
  checkCountOrInfinity,
  checkFunction,
  checkSignal,
  ownOptions,
} from "./_base/check.ts";
import { functionName } from "./function.ts";
import type { CallbackStatistics } from "./statistics.ts";

/**
 * When and how often a callback is called. The options apply in the order of this list.
 *
 * @example Every second emission, once
 * ```ts
 * import { type CallbackOptions, Emitter } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new Emitter<{ tick: [count: number] }>({ events: ["tick"] });
 * const options: CallbackOptions = { every: 2, limit: 1, repeat: 2 };
 * const seen: number[] = [];
 * clock.on("tick", (count) => seen.push(count), options);
 * for (const count of [1, 2, 3, 4]) clock.emit("tick", count);
 * assertEquals(seen, [2, 2]);
 * ```
 *
 * @category Events
 */
export interface CallbackOptions {
  /** Calls it only on the n-th, 2n-th, … emission. @default {1} */
  every?: number | undefined;
  /** Evaluated on each emission that `every` selects; false skips the emission. */
  when?: (() => boolean) | undefined;
  /** Unsubscribes it after it was called on this many emissions. @default {Infinity} */
  limit?: number | undefined;
  /**
   * Calls it this many times in a row, without awaiting anything. They count once against `limit`.
   *
   * @default {1}
   */
  repeat?: number | undefined;
  /** Leaves it out of statistics and the printed tree. @default {false} */
  hidden?: boolean | undefined;
  /** Unsubscribes the callback when it aborts. */
  signal?: AbortSignal | undefined;
}

/** A callback of any event. */
export type Callback = (...args: never[]) => unknown;

/** One subscribed callback. */
export class Listener {
  readonly every: number;
  readonly limit: number;
  readonly repeat: number;
  readonly hidden: boolean;
  /** Unsubscribes the callback when it aborts. */
  readonly signal: AbortSignal | undefined;
  /** Replaced by a function that does nothing when the listener is closed. */
  callback: Callback;
  /** Its position in the order of registration. */
  order = 0;
  /** A closed listener is never called again. */
  closed = false;
  /** How often the callback was called, each repetition counted. */
  calls = 0;
  /** How many emissions are calling it now; more than one if it emits its own event. */
  callsUnderWay = 0;
  /** Called once, when the listener is closed. */
  onClose: (() => void) | undefined;
  #when: (() => boolean) | undefined;
  #emissions = 0;
  #used = 0;

  constructor(callback: Callback, options: CallbackOptions = {}) {
    const own = checkedOptions(callback, options);
    const { every = 1, when, limit = Infinity, repeat = 1, hidden = false, signal } = own;
    this.callback = callback;
    this.#when = when;
    this.every = every;
    this.limit = limit;
    this.repeat = repeat;
    this.hidden = hidden;
    this.signal = signal;
  }

  /** Whether its limit is used up and its last call has returned. */
  get finished(): boolean {
    return this.#used >= this.limit && this.callsUnderWay === 0;
  }

  /** Counts one emission; returns whether the callback is due. */
  countAndCheck(): boolean {
    this.#emissions++;
    if (this.#emissions % this.every !== 0) return false;
    if (this.#when !== undefined && !this.#when()) return false;
    if (this.#used >= this.limit) return false;
    this.#used++;
    return true;
  }

  /** Drops the callback with everything that it closes over; false if it was closed before. */
  close(): boolean {
    if (this.closed) return false;
    this.closed = true;
    this.onClose?.();
    this.onClose = undefined;
    this.callback = nothing;
    this.#when = undefined;
    return true;
  }

  statistics(): CallbackStatistics {
    const { every, limit, repeat, calls } = this;
    const when = this.#when;
    const options: { every?: number; when?: boolean | string; limit?: number; repeat?: number } =
      {};
    if (every !== 1) options.every = every;
    // An arrow function written inline is named after the option.
    if (when !== undefined) {
      options.when = ["", "when"].includes(functionName(when)) || functionName(when);
    }
    if (limit !== Infinity) options.limit = limit;
    if (repeat !== 1) options.repeat = repeat;
    return { name: functionName(this.callback) || "(anonymous)", calls, options };
  }
}

function nothing(): void {}

function checkedOptions(callback: unknown, options: CallbackOptions): CallbackOptions {
  checkFunction("A callback", callback);
  const known = ["every", "when", "limit", "repeat", "hidden", "signal"];
  const own = ownOptions("The subscription of a callback", options, known);
  const { every, when, limit, repeat, hidden, signal } = own;
  if (every !== undefined) checkCount("every", every);
  if (when !== undefined) checkFunction("when", when);
  if (limit !== undefined) checkCountOrInfinity("limit", limit);
  if (repeat !== undefined) checkCount("repeat", repeat);
  if (hidden !== undefined) checkBoolean("hidden", hidden);
  if (signal !== undefined) checkSignal("signal", signal);
  return own;
}
