/**
 * The module that Web Workers of `WebWorkerExecutor` run. Programs must not import it.
 *
 * @module
 */

import type { ThreadStart } from "../_wire/protocol.ts";
import { holdLifeLock } from "../_wire/life_lock.ts";
import { processIfLoaded } from "./node_process.ts";
import { serve } from "./serve.ts";
import { ThreadBatches } from "./thread_batches.ts";

interface WorkerScope extends EventTarget {
  postMessage(message: unknown, transfer?: Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;
// Kept, because tasks may replace them.
const postMessage = scope.postMessage.bind(scope);
const dispatch = scope.dispatchEvent.bind(scope);
const PlatformEvent = Event;

serve({
  addEventListener: scope.addEventListener.bind(scope),
  removeEventListener: scope.removeEventListener.bind(scope),
  postMessage,
}, {
  lifeLock: await holdLifeLock(),
  connect: (start) => new ThreadBatches(start as ThreadStart),
  exit,
});

// The events of `process.exit()`, which itself would end the thread while dispatching them.
async function exit(): Promise<void> {
  (await processIfLoaded())?.emit("exit", 0);
  dispatch(new PlatformEvent("unload"));
}
