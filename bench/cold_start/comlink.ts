/** The first result of a bare comlink worker. @module */

import { startRemote } from "../base/comlink_remote.ts";
import { check } from "../checks.ts";
import type { ColdStartListener } from "./listener.ts";

/** Starts a worker and makes one call. */
export async function coldStart({ began, arrived }: ColdStartListener): Promise<void> {
  began();
  const { worker, same } = await startRemote();
  const n = await same(7);
  arrived();
  check(n, 7);
  worker.terminate();
}
