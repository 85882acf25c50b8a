/** The interface of the hand-written bases and the peers. @module */

/** The number of workers for the scheduler, the bases and the peers. */
export const WORKERS = 2;

/** How long to wait before the next start: the end of a bare worker's thread cannot be observed. */
export const ENDS_WITHIN_MS = 100;

/** Workers that run a trivial function, which returns its argument. */
export interface Pool {
  /** Submits one call. */
  run(n: number): PromiseLike<number>;
  /** Terminates the workers. */
  close(): void | PromiseLike<unknown>;
}

/** Starts a pool with this number of workers. */
export type StartPool = (workerCount: number) => Pool | Promise<Pool>;
