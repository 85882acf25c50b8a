/** The interface of the hand-written bases and the peers. @module */

/** The number of workers for the scheduler, the bases and the peers. */
export const WORKERS = 2;

/** Workers that run a trivial function, which returns its argument. */
export interface Pool {
  /** Submits one call. */
  run(n: number): PromiseLike<number>;
  /** Terminates the workers. */
  close(): void | PromiseLike<unknown>;
}

/** Starts a pool with this number of workers. */
export type StartPool = (workerCount: number) => Pool | Promise<Pool>;
