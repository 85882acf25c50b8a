/** The first result of a bare comlink worker. @module */

import { startRemote } from "../base/comlink_remote.ts";
import { check } from "../checks.ts";

/** Starts a worker, makes one call and reports the arrival of its result. */
export async function coldStart(arrived: () => void): Promise<void> {
  const { worker, same } = await startRemote();
  const n = await same(7);
  arrived();
  check(n, 7);
  worker.terminate();
}
