/** What the hand-written bases and the peers have in common. @module */

/** Runs a trivial function, which returns its argument, in workers. */
export interface Pool {
  /** Submits one call. */
  run(n: number): PromiseLike<number>;
  /** Ends the workers. */
  close(): void | PromiseLike<unknown>;
}

/** Starts a pool of so many workers. */
export type StartPool = (workerCount: number) => Pool | Promise<Pool>;
