/** What ends a run from outside: the signal of its options, and signals of the system. @module */

import { keepAlive } from "../_base/time.ts";
import type { RunSettings } from "../run_options.ts";
import type { OsSignals } from "./os_signals.ts";

/** What they do to the run. */
export interface OutsideObserver {
  aborted(reason: unknown): void;
  interrupted(signal: string): void;
}

/** Listens to them and keeps the program alive; returns the way to stop both. */
export function listenOutside(
  { signal, handleSignals }: RunSettings,
  osSignals: OsSignals,
  observer: OutsideObserver,
): () => void {
  const abort = () => observer.aborted(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  if (handleSignals) osSignals.listen((name) => observer.interrupted(name));
  const stopKeepingAlive = keepAlive();
  return () => {
    stopKeepingAlive();
    signal?.removeEventListener("abort", abort);
    osSignals.close();
  };
}
