/** Acts on many things when one signal is aborted, with one listener for each signal. @module */

interface Watched<T> {
  readonly targets: Set<T>;
  readonly listener: () => void;
}

/** What is to be aborted with signals: a listener for each would make each removal O(n). */
export class AbortWatch<T> {
  readonly #abort: (target: T, reason: unknown) => void;
  readonly #signals = new Map<AbortSignal, Watched<T>>();

  /** `abort` is called for each target of a signal that is aborted, in the order of `add()`. */
  constructor(abort: (target: T, reason: unknown) => void) {
    this.#abort = abort;
  }

  /** Watches a signal that is not aborted. */
  add(signal: AbortSignal, target: T): void {
    const watched = this.#signals.get(signal) ?? this.#listen(signal);
    watched.targets.add(target);
  }

  remove(signal: AbortSignal, target: T): void {
    const watched = this.#signals.get(signal);
    if (watched === undefined) return;
    watched.targets.delete(target);
    if (watched.targets.size > 0) return;
    signal.removeEventListener("abort", watched.listener);
    this.#signals.delete(signal);
  }

  #listen(signal: AbortSignal): Watched<T> {
    const targets = new Set<T>();
    const listener = () => {
      for (const target of targets) {
        this.remove(signal, target);
        this.#abort(target, signal.reason);
      }
    };
    signal.addEventListener("abort", listener);
    const watched = { targets, listener };
    this.#signals.set(signal, watched);
    return watched;
  }
}
