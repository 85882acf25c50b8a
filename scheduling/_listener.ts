/** One callback of an event with the counting that its options ask for. Pure logic. @module */

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
 * When a callback is called, and how often. Options combine in the order of this list.
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
  /** Call it on the n-th, 2n-th, … emission only. @default {1} */
  every?: number | undefined;
  /** Asked on each emission that `every` lets through; false skips it. */
  when?: (() => boolean) | undefined;
  /** After it was called on so many emissions it is unsubscribed. @default {Infinity} */
  limit?: number | undefined;
  /** Call it so many times in a row; uses one of `limit` and awaits nothing. @default {1} */
  repeat?: number | undefined;
  /** Leave it out of the printed tree. @default {false} */
  hidden?: boolean | undefined;
  /** Unsubscribes the callback when aborted. */
  signal?: AbortSignal | undefined;
}

/** A callback as anything that can be called with the event's arguments. */
export type Callback = (...args: never[]) => unknown;

/** One subscribed callback. */
export class Listener {
  readonly every: number;
  readonly limit: number;
  readonly repeat: number;
  readonly hidden: boolean;
  /** Unsubscribes it when aborted. */
  readonly signal: AbortSignal | undefined;
  /** Does nothing once the listener is closed. */
  callback: Callback;
  /** Its place in the order of registration. */
  order = 0;
  /** Whether it is not to be called any more. */
  closed = false;
  /** How often the callback was called, each of `repeat` counted. */
  calls = 0;
  /** How many emissions are calling it now: it may emit its own event. */
  callsUnderWay = 0;
  /** Called once, when it is closed. */
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

  /** Counts one emission; says whether the callback is to be called for it. */
  countAndCheck(): boolean {
    this.#emissions++;
    if (this.#emissions % this.every !== 0) return false;
    if (this.#when !== undefined && !this.#when()) return false;
    if (this.#used >= this.limit) return false;
    this.#used++;
    return true;
  }

  /** Lets go of the callback and all that it closes over; false if it was closed before. */
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
    // An arrow function written in its place has the option's own name.
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
