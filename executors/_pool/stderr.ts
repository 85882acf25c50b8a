/** What the executors have to say to a person: lines on stderr. @module */

/** Tells of an error in a worker that belongs to no call. */
export function reportUncaught(error: unknown): void {
  // deno-lint-ignore no-console -- there is no other place for an error that belongs to no future
  console.error("Uncaught error in a worker, between two tasks:", error);
}

/** Tells of a thread that cannot be stopped. */
export function reportRunaway(taskName: string): void {
  // deno-lint-ignore no-console -- the user has to know why the program goes on
  console.error(
    `The thread that ran ${taskName} was told to end, and has not within 2 s: it computes or waits ` +
      `without yielding, and cannot be stopped. Until it yields it keeps the program alive, and a core ` +
      `busy if it computes; run such functions in child processes (Scheduler.withProcesses)`,
  );
}
