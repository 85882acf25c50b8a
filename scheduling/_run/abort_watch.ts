/** Cancels calls when their signal is aborted, with one listener for each signal. @module */

import type { Canceller } from "../future.ts";

interface Watched {
  readonly calls: Set<Canceller>;
  readonly listener: () => void;
}

/** The calls that wait for signals. */
export class AbortWatch {
  readonly #signals = new Map<AbortSignal, Watched>();

  add(signal: AbortSignal, call: Canceller): void {
    const watched = this.#signals.get(signal) ?? this.#listen(signal);
    watched.calls.add(call);
  }

  remove(signal: AbortSignal, call: Canceller): void {
    const watched = this.#signals.get(signal);
    if (watched === undefined) return;
    watched.calls.delete(call);
    if (watched.calls.size > 0) return;
    signal.removeEventListener("abort", watched.listener);
    this.#signals.delete(signal);
  }

  #listen(signal: AbortSignal): Watched {
    const calls = new Set<Canceller>();
    const listener = () => {
      for (const call of [...calls]) call.cancel(signal.reason);
    };
    const watched = { calls, listener };
    signal.addEventListener("abort", listener);
    this.#signals.set(signal, watched);
    return watched;
  }
}
