/** What ends a run from outside: the signal of its options, and signals of the system. @module */

import { keepAlive } from "../_base/time.ts";
import type { RunSettings } from "../run_options.ts";

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

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** Listens for signals of the operating system. */
export class OsSignals {
  /** The exit code of the first signal; undefined before one arrives. */
  exitCode: number | undefined;
  readonly #listeners: [Deno.Signal, () => void][] = [];

  /** Calls `interrupted` on the first signal; exits the process on the second. */
  listen(interrupted: (signal: string) => void): void {
    for (const signal of signals()) {
      const listener = () => {
        if (this.exitCode !== undefined) Deno.exit(EXIT_CODES[signal]);
        this.exitCode = EXIT_CODES[signal];
        interrupted(signal);
      };
      Deno.addSignalListener(signal, listener);
      this.#listeners.push([signal, listener]);
    }
  }

  /** Stops listening. */
  close(): void {
    for (const [signal, listener] of this.#listeners) Deno.removeSignalListener(signal, listener);
    this.#listeners.length = 0;
  }
}

// Windows has no SIGTERM.
function signals(): (keyof typeof EXIT_CODES)[] {
  return Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
}
