/** Watches abort signals with one listener for each signal. @module */

interface Watched<T> {
  readonly targets: Set<T>;
  readonly listener: () => void;
}

/** Targets to abort with signals. A listener for each target would make each removal O(n). */
export class AbortWatch<T> {
  readonly #abort: (target: T, reason: unknown) => void;
  readonly #signals = new Map<AbortSignal, Watched<T>>();

  /** `abort` is called for each target of a signal when it aborts, in the order of `add()`. */
  constructor(abort: (target: T, reason: unknown) => void) {
    this.#abort = abort;
  }

  /** Adds a target to a signal that is not aborted. */
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
