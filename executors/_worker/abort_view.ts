/** An abort signal that a function can look at without yielding. @module */

/** Aborts a signal, which also looks for the abort itself whenever it is asked. */
export class AbortView {
  readonly #isAborted: () => boolean;
  readonly #controller = new AbortController();

  /** `isAborted` looks whether the abort has been asked for, before its message is received. */
  constructor(isAborted: () => boolean) {
    this.#isAborted = isAborted;
    const { signal } = this.#controller;
    const { throwIfAborted } = signal;
    const aborted = Object.getOwnPropertyDescriptor(AbortSignal.prototype, "aborted")?.get;
    const look = () => {
      if (this.#isAborted()) this.abort(undefined);
    };
    Object.defineProperties(signal, {
      aborted: {
        configurable: true,
        get() {
          look();
          return aborted?.call(signal);
        },
      },
      throwIfAborted: {
        configurable: true,
        value() {
          look();
          throwIfAborted.call(signal);
        },
      },
    });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Aborts the signal, with an `AbortError` if there is no reason. */
  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }
}
