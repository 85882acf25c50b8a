/** What the hand-written bases and the peers have in common. @module */

/** As many workers for the scheduler, the bases and the peers. */
export const WORKERS = 2;

/** Runs a trivial function, which returns its argument, in workers. */
export interface Pool {
  /** Submits one call. */
  run(n: number): PromiseLike<number>;
  /** Ends the workers. */
  close(): void | PromiseLike<unknown>;
}

/** Starts a pool of so many workers. */
export type StartPool = (workerCount: number) => Pool | Promise<Pool>;
