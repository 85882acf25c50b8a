/** The simplest pool possible: one message to a worker, one message back. @module */

import type { Pool } from "../pool.ts";

interface Job {
  readonly n: number;
  readonly resolve: (n: number) => void;
}

/** A pool of workers that answer each message with one message. */
export class RawPool implements Pool {
  readonly #workers: readonly Worker[];
  readonly #idle: Worker[];
  readonly #queue: Job[] = [];
  #next = 0;

  private constructor(workers: readonly Worker[]) {
    this.#workers = workers;
    this.#idle = [...workers];
  }

  /** Starts workers that return what they get, and waits until all are ready. */
  static start(workerCount: number): Promise<RawPool> {
    return RawPool.#start(workerCount, "./raw_worker.ts");
  }

  /** Starts workers that compute for so many milliseconds. */
  static startComputing(workerCount: number): Promise<RawPool> {
    return RawPool.#start(workerCount, "./compute_worker.ts");
  }

  static async #start(workerCount: number, module: string): Promise<RawPool> {
    const workers = Array.from({ length: workerCount }, () => startRawWorker(module));
    return new RawPool(await Promise.all(workers));
  }

  /** Calls the function in the first idle worker. */
  run(n: number): Promise<number> {
    return new Promise((resolve) => {
      this.#queue.push({ n, resolve });
      const worker = this.#idle.pop();
      if (worker !== undefined) this.#serve(worker);
    });
  }

  /** Terminates all workers. */
  close(): void {
    for (const worker of this.#workers) worker.terminate();
  }

  #serve(worker: Worker): void {
    const job = this.#queue[this.#next];
    if (job === undefined) return void this.#idle.push(worker);
    this.#next++;
    worker.onmessage = ({ data }: MessageEvent<number>) => {
      job.resolve(data);
      this.#serve(worker);
    };
    worker.postMessage(job.n);
  }
}

/** Starts a worker with a module of this folder and waits until it is ready. */
export async function startRawWorker(module: string): Promise<Worker> {
  const worker = new Worker(new URL(module, import.meta.url), { type: "module" });
  await new Promise((ready) => worker.onmessage = ready);
  return worker;
}
