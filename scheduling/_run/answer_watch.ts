/** Notices when the end of a run waits for calls that wait for the main thread. @module */

import { callAfter } from "../_base/time.ts";

// A callback that handles a message may still answer.
const ANSWER_MS = 30_000;
// Another callback may do so, or it waits for the very call.
const CALLBACK_MS = 1000;

/** What the end of a run waits for. */
export interface AnswerWatchState {
  /** Whether unsettled calls are left, and all of them wait for the main thread. */
  isBlocked(): boolean;
  /** How many async callbacks are pending. */
  pendingCallbacks(): number;
  /** How many of them handle messages of calls. */
  pendingAnswers(): number;
  /** Calls wait no longer. */
  release(): void;
}

/** Releases calls, once nobody can be expected to answer them. */
export class AnswerWatch {
  readonly #state: AnswerWatchState;
  #stopWaiting: (() => void) | undefined;

  constructor(state: AnswerWatchState) {
    this.#state = state;
  }

  /** Something has happened: a message, an answer, the end of a call or of a callback. */
  changed(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    if (!this.#state.isBlocked()) return;
    this.#stopWaiting = callAfter(this.#patience(), () => {
      this.#stopWaiting = undefined;
      this.#state.release();
    });
  }

  #patience(): number {
    if (this.#state.pendingAnswers() > 0) return ANSWER_MS;
    return this.#state.pendingCallbacks() > 0 ? CALLBACK_MS : 0;
  }
}
