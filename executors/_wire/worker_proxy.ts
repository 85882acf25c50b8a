/** Wraps workers by comlink proxies. comlink loads while the first worker starts. @module */

import type { Endpoint } from "./comlink.ts";
import type { BatchMessage, WorkerApi } from "./protocol.ts";

/** The methods of a worker. */
export interface WorkerProxy extends Pick<WorkerApi, "initialize"> {
  /** Sends a batch; the objects in `moved` move with it. */
  runBatch(
    message: BatchMessage,
    moved: readonly Transferable[],
  ): ReturnType<WorkerApi["runBatch"]>;
}

/** The proxy of the worker at an endpoint. */
export async function wrapWorker(endpoint: Endpoint): Promise<WorkerProxy> {
  const { transfer, wrap } = await import("./comlink.ts");
  // Taken once, because a proxy makes a new function at each access to a method.
  const { initialize, runBatch } = wrap<WorkerApi>(endpoint);
  return {
    initialize,
    runBatch: (message, moved) =>
      runBatch(moved.length > 0 ? transfer(message, [...moved]) : message),
  };
}
