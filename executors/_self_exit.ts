/** Notices a worker that is about to end itself, which nothing tells to the other side. @module */

/** Who is told. */
export interface SelfExitListener {
  exit(exitCode: number): void;
  close(): void;
}

/** Puts itself in front of `Deno.exit()`, `process.exit()` and `self.close()`. */
export function interceptSelfExit(listener: SelfExitListener): void {
  const exit = Deno.exit;
  Deno.exit = (code) => {
    listener.exit(code ?? Deno.exitCode);
    return exit(code);
  };
  const { process } = globalThis as unknown as { process?: { reallyExit(code?: number): never } };
  if (process !== undefined) {
    const reallyExit = process.reallyExit;
    process.reallyExit = (code) => {
      listener.exit(code ?? 0);
      return reallyExit.call(process, code);
    };
  }
  const close = globalThis.close;
  Object.defineProperty(globalThis, "close", {
    configurable: true,
    writable: true,
    value: () => {
      listener.close();
      close.call(globalThis);
    },
  });
}
