/** The peer p-queue, which limits concurrency, over comlink workers. @module */

import PQueue from "p-queue";
import { startRemote } from "../base/comlink_remote.ts";
import type { Pool } from "../pool.ts";

/** Starts comlink workers behind a queue that runs one call per worker. */
export async function startPQueue(workerCount: number): Promise<Pool> {
  const queue = new PQueue({ concurrency: workerCount });
  const remotes = await Promise.all(Array.from({ length: workerCount }, startRemote));
  const idle = [...remotes];
  const call = async (n: number) => {
    const remote = idle.pop();
    if (remote === undefined) throw new Error("p-queue started more calls than there are workers");
    const result = await remote.same(n);
    idle.push(remote);
    return result;
  };
  return {
    run: (n) => queue.add(() => call(n)),
    close: () => remotes.forEach(({ worker }) => worker.terminate()),
  };
}
