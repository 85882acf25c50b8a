/** Turns of calls that may not all be with the executor at a time. @module */

import { Heap } from "../scheduling/_base/heap.ts";
import { callAfter, userTimers } from "../scheduling/_base/time.ts";
import { LEFT, TAKE, type Turn } from "../scheduling/_plugins/turn.ts";
import type { StartWindow } from "./_start_window.ts";

// Below this it is not worth looking for those that have left.
const FEW = 16;

interface Waiting {
  readonly priority: number;
  readonly order: number;
  /** Undefined once the call has left. */
  granted: (() => void) | undefined;
}

/** Gives turns in order of priority, then of submission. */
export class Turns {
  readonly #maxTaken: number;
  readonly #window: StartWindow | undefined;
  readonly #waiting = new Heap<Waiting>(isBefore);
  #waitingCount = 0;
  #takenCount = 0;
  #nextOrder = 0;
  #cancelTimer: (() => void) | undefined;

  /** `maxTaken` turns at a time, and those that the window allows. */
  constructor(maxTaken: number, window: StartWindow | undefined) {
    this.#maxTaken = maxTaken;
    this.#window = window;
  }

  /** How many calls have their turn. */
  get takenCount(): number {
    return this.#takenCount;
  }

  /** How many calls wait for their turn. */
  get waitingCount(): number {
    return this.#waitingCount;
  }

  /** The turn of a call that is being submitted. */
  add(priority: number): Turn {
    return new CallTurn(this, priority, this.#nextOrder++);
  }

  /** Waits; what is tried again waits behind all of its priority. */
  wait(priority: number, order: number | undefined, granted: () => void): Waiting {
    const waiting = { priority, order: order ?? this.#nextOrder++, granted };
    this.#waiting.push(waiting);
    this.#waitingCount++;
    return waiting;
  }

  /** A call no longer waits. */
  stopWaiting(waiting: Waiting): void {
    waiting.granted = undefined;
    this.#waitingCount--;
    if (this.#waiting.size > FEW && this.#waiting.size > 2 * this.#waitingCount) {
      this.#waiting.retain(({ granted }) => granted !== undefined);
    }
    if (this.#waitingCount === 0) this.#stopTimer();
  }

  /** A call that had its turn has left. */
  giveBack(): void {
    this.#takenCount--;
    this.grant();
  }

  /** Gives the turns that may be given now. */
  grant(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      if (this.#takenCount >= this.#maxTaken) return;
      const delay = this.#window?.delay ?? 0;
      if (delay > 0) return this.#grantAfter(delay);
      const { granted } = next;
      this.stopWaiting(next);
      this.#takenCount++;
      this.#window?.add();
      granted?.();
    }
  }

  #next(): Waiting | undefined {
    let first = this.#waiting.peek();
    while (first !== undefined && first.granted === undefined) {
      this.#waiting.pop();
      first = this.#waiting.peek();
    }
    return first;
  }

  #grantAfter(delay: number): void {
    this.#cancelTimer ??= callAfter(delay, () => {
      this.#cancelTimer = undefined;
      this.grant();
    }, userTimers());
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}

/** The turns of one call: one for each attempt. */
class CallTurn implements Turn {
  readonly #turns: Turns;
  readonly #priority: number;
  // That of the submission, for the first attempt.
  #order: number | undefined;
  #waiting: Waiting | undefined;
  #isTaken = false;

  constructor(turns: Turns, priority: number, order: number) {
    this.#turns = turns;
    this.#priority = priority;
    this.#order = order;
  }

  [TAKE](granted: () => void): void {
    if (this.#isTaken) return granted();
    const order = this.#order;
    this.#order = undefined;
    this.#waiting = this.#turns.wait(this.#priority, order, () => {
      this.#waiting = undefined;
      this.#isTaken = true;
      granted();
    });
    this.#turns.grant();
  }

  [LEFT](): void {
    if (this.#waiting !== undefined) this.#turns.stopWaiting(this.#waiting);
    this.#waiting = undefined;
    if (!this.#isTaken) return;
    this.#isTaken = false;
    this.#turns.giveBack();
  }

  /** For plugins that await the holds of others: the scheduler alone waits for turns. */
  then<A = void, B = never>(
    onFulfilled?: ((value: void) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return Promise.resolve().then(onFulfilled, onRejected);
  }
}

function isBefore(a: Waiting, b: Waiting): boolean {
  return a.priority === b.priority ? a.order < b.order : a.priority > b.priority;
}
