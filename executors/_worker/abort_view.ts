/** An abort signal that a function can look at without yielding. @module */

// Kept, because tasks may replace them.
const { throwIfAborted } = AbortSignal.prototype;
const aborted = Object.getOwnPropertyDescriptor(AbortSignal.prototype, "aborted")?.get;

/** Aborts a signal, which also looks for the abort itself whenever it is asked. */
export class AbortView {
  readonly #findReason: () => { readonly reason: unknown } | undefined;
  readonly #controller = new AbortController();
  #hasAborted = false;

  /** `findReason` looks whether the abort has been asked for, before its message is received. */
  constructor(findReason: () => { readonly reason: unknown } | undefined) {
    this.#findReason = findReason;
    const { signal } = this.#controller;
    Object.defineProperties(signal, {
      aborted: {
        configurable: true,
        get: () => {
          this.#look();
          return aborted?.call(signal);
        },
      },
      throwIfAborted: {
        configurable: true,
        value: () => {
          this.#look();
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
    // First, because the platform reads `aborted` while it aborts.
    this.#hasAborted = true;
    this.#controller.abort(reason);
  }

  #look(): void {
    const found = this.#hasAborted ? undefined : this.#findReason();
    if (found !== undefined) this.abort(found.reason);
  }
}
