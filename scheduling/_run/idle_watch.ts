/** Notices when a run has nothing left to do. @module */

import { clearImmediate, setImmediate } from "../_base/time.ts";

/** The run, as far as that matters. */
export interface IdleWatchState {
  /** Whether the run accepts submissions. */
  isRunning(): boolean;
  /** Whether no call is unsettled and no callback pending. */
  isIdle(): boolean;
  /** Emits `empty`, whose callbacks may submit. */
  emitEmpty(): void;
  /** Nothing was submitted since. */
  exhausted(): void;
}

/** Emits `empty` once per emptying. */
export class IdleWatch {
  readonly #state: IdleWatchState;
  readonly #endOnEmpty: boolean;
  #emptyEmitted = false;
  #check: ReturnType<typeof setImmediate> | undefined;

  /** `endOnEmpty`: whether an empty run is exhausted. */
  constructor(endOnEmpty: boolean, state: IdleWatchState) {
    this.#endOnEmpty = endOnEmpty;
    this.#state = state;
  }

  /** A submission was accepted. */
  submitted(): void {
    this.#emptyEmitted = false;
  }

  // In a later macrotask, so that code that awaits a future outside of callbacks can still submit.
  checkLater(): void {
    if (!this.#isIdle || this.#check !== undefined) return;
    this.#check = setImmediate(() => {
      this.#check = undefined;
      this.#checkNow();
    });
  }

  /** Emits `empty` if that is due; returns whether the run is exhausted. */
  timeUp(): boolean {
    if (this.#isIdle && !this.#emptyEmitted) this.#emitEmpty();
    return this.#state.isIdle() && this.#endOnEmpty;
  }

  stop(): void {
    clearImmediate(this.#check);
  }

  get #isIdle(): boolean {
    return this.#state.isRunning() && this.#state.isIdle();
  }

  #checkNow(): void {
    if (!this.#isIdle) return;
    if (this.#emptyEmitted && this.#endOnEmpty) return this.#state.exhausted();
    if (!this.#emptyEmitted) this.#emitEmpty();
    if (this.#endOnEmpty) this.checkLater();
  }

  #emitEmpty(): void {
    this.#emptyEmitted = true;
    this.#state.emitEmpty();
  }
}
