/** What one would write by hand: a pool of comlink workers, one call at a time for each. @module */

import { type Remote, wrap } from "comlink";
import type { Api } from "./comlink_worker.ts";

type Same = Remote<Api>["same"];

/** A pool whose workers are idle or run one call. */
export class ComlinkPool {
  readonly #workers: Worker[] = [];
  readonly #idle: Same[] = [];
  readonly #queue: { n: number; resolve: (n: number) => void }[] = [];
  #next = 0;

  /** Starts the workers and waits until all take calls. */
  static async start(workerCount: number): Promise<ComlinkPool> {
    const pool = new ComlinkPool();
    await Promise.all(Array.from({ length: workerCount }, () => pool.#startWorker()));
    return pool;
  }

  /** Calls the function in the first worker that is idle. */
  run(n: number): Promise<number> {
    return new Promise((resolve) => {
      this.#queue.push({ n, resolve });
      this.#dispatch();
    });
  }

  /** Ends all workers. */
  terminate(): void {
    for (const worker of this.#workers) worker.terminate();
  }

  async #startWorker(): Promise<void> {
    const url = new URL("./comlink_worker.ts", import.meta.url);
    const worker = new Worker(url, { type: "module" });
    await new Promise((ready) => worker.addEventListener("message", ready, { once: true }));
    this.#workers.push(worker);
    this.#idle.push(wrap<Api>(worker).same);
  }

  async #dispatch(): Promise<void> {
    const job = this.#queue[this.#next];
    const same = job && this.#idle.pop();
    if (job === undefined || same === undefined) return;
    this.#next++;
    job.resolve(await same(job.n));
    this.#idle.push(same);
    this.#dispatch();
  }
}
