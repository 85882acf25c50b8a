/** A task ends its worker itself: reports it first, because the platform does not. @module */

import { processAtStart } from "./node_process.ts";

/** The way in which a task ends its worker. */
export type SelfExit = { readonly type: "exit"; readonly exitCode: number } | {
  readonly type: "close";
};

/** Intercepts `Deno.exit()`, `process.exit()` and `self.close()`: each calls `report` first. */
export function interceptSelfExit(report: (end: SelfExit) => void): void {
  const exit = Deno.exit;
  Deno.exit = (code) => {
    report({ type: "exit", exitCode: code ?? Deno.exitCode });
    return exit(code);
  };
  // Where `process` loads on use, `process.exit()` calls `Deno.exit()`.
  if (processAtStart !== undefined) {
    const process = processAtStart as unknown as { reallyExit(code?: number): never };
    const reallyExit = process.reallyExit;
    process.reallyExit = (code) => {
      report({ type: "exit", exitCode: code ?? 0 });
      return reallyExit.call(process, code) as never;
    };
  }
  const close = globalThis.close;
  Object.defineProperty(globalThis, "close", {
    configurable: true,
    writable: true,
    value: () => {
      report({ type: "close" });
      close.call(globalThis);
    },
  });
}
