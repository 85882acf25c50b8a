/**
 * The module that Web Workers of the `WebWorkerExecutor` run. Not for import by programs.
 *
 * @module
 */

import { holdLifeLock } from "../_wire/life_lock.ts";
import { serve } from "./serve.ts";

interface WorkerScope extends EventTarget {
  postMessage(message: unknown, transfer?: Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;
// A task may put its own in place of it.
const postMessage = scope.postMessage.bind(scope);

serve({
  addEventListener: scope.addEventListener.bind(scope),
  removeEventListener: scope.removeEventListener.bind(scope),
  postMessage,
}, { lifeLock: await holdLifeLock(), exit });

// The events of `process.exit()`. That would end the thread while it dispatches them.
function exit(): void {
  const { process } = globalThis as unknown as {
    process: { emit(event: string, code: number): void };
  };
  process.emit("exit", 0);
  dispatchEvent(new Event("unload"));
}
