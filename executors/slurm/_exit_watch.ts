/** Cancels jobs when the program exits without having closed their fleet. @module */

import { callAfter } from "../../scheduling/_base/time.ts";

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof EXIT_CODES;

/**
 * Calls `cancel` when the program exits by `Deno.exit()` or by its end. A signal exits it, unless it has made
 * a run end, as with `handleSignals`: then the run exits it, or the next signal. Returns the way to stop.
 */
export function watchExit(phase: () => string, cancel: () => Promise<void>): () => void {
  // Nobody can be told any more that it failed. The next start of the queue cancels what is left.
  const onUnload = () => void cancel().catch(() => {});
  let signals = 0;
  const onSignal = (name: Signal) => {
    const exit = () => Deno.exit(EXIT_CODES[name]);
    if (signals++ > 0) exit();
    // Later, because other listeners end the run.
    callAfter(0, () => phase() === "finishing" || exit());
  };
  const listeners = signalNames().map((name) => [name, () => onSignal(name)] as const);
  globalThis.addEventListener("unload", onUnload);
  for (const [name, listener] of listeners) Deno.addSignalListener(name, listener);
  return () => {
    globalThis.removeEventListener("unload", onUnload);
    for (const [name, listener] of listeners) Deno.removeSignalListener(name, listener);
  };
}

// Windows has no SIGTERM.
function signalNames(): Signal[] {
  return Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
}
