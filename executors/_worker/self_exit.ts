/** Notices a worker that is about to end itself, which nothing tells to the other side. @module */

/** How a worker ends itself. */
export type SelfExit = { readonly type: "exit"; readonly exitCode: number } | {
  readonly type: "close";
};

/** Puts itself in front of `Deno.exit()`, `process.exit()` and `self.close()`. */
export function interceptSelfExit(tell: (end: SelfExit) => void): void {
  const exit = Deno.exit;
  Deno.exit = (code) => {
    tell({ type: "exit", exitCode: code ?? Deno.exitCode });
    return exit(code);
  };
  const { process } = globalThis as unknown as { process?: { reallyExit(code?: number): never } };
  if (process !== undefined) {
    const reallyExit = process.reallyExit;
    process.reallyExit = (code) => {
      tell({ type: "exit", exitCode: code ?? 0 });
      return reallyExit.call(process, code) as never;
    };
  }
  const close = globalThis.close;
  Object.defineProperty(globalThis, "close", {
    configurable: true,
    writable: true,
    value: () => {
      tell({ type: "close" });
      close.call(globalThis);
    },
  });
}
