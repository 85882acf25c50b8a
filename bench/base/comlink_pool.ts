/** A hand-written pool of comlink workers, each with one call at a time. @module */

import type { Pool } from "../pool.ts";
import { type ComlinkRemote, startRemote } from "./comlink_remote.ts";

/** A pool whose workers are idle or run one call. */
export class ComlinkPool implements Pool {
  readonly #remotes: readonly ComlinkRemote[];
  readonly #idle: ComlinkRemote[];
  readonly #queue: { n: number; resolve: (n: number) => void }[] = [];
  #next = 0;

  private constructor(remotes: readonly ComlinkRemote[]) {
    this.#remotes = remotes;
    this.#idle = [...remotes];
  }

  /** Starts the workers and waits until all are ready. */
  static async start(workerCount: number): Promise<ComlinkPool> {
    return new ComlinkPool(await Promise.all(Array.from({ length: workerCount }, startRemote)));
  }

  /** Calls the function in the first idle worker. */
  run(n: number): Promise<number> {
    return new Promise((resolve) => {
      this.#queue.push({ n, resolve });
      this.#dispatch();
    });
  }

  /** Terminates all workers. */
  close(): void {
    for (const { worker } of this.#remotes) worker.terminate();
  }

  async #dispatch(): Promise<void> {
    const job = this.#queue[this.#next];
    const remote = job && this.#idle.pop();
    if (job === undefined || remote === undefined) return;
    this.#next++;
    job.resolve(await remote.same(job.n));
    this.#idle.push(remote);
    this.#dispatch();
  }
}
