/** What executors report on stderr, because no future can carry it. @module */

/** Reports an error in a worker that belongs to no call. */
export function reportUncaught(error: unknown): void {
  // deno-lint-ignore no-console -- no future can carry this error
  console.error("Uncaught error in a worker, between two tasks:", error);
}

/** Reports a thread that cannot be stopped. */
export function reportRunaway(taskName: string): void {
  // deno-lint-ignore no-console -- explains to the user why the program keeps running
  console.error(
    `The thread that ran ${taskName} was told to end, and has not within 2 s: it computes or waits ` +
      `without yielding, and cannot be stopped. Until it yields it keeps the program alive, and a core ` +
      `busy if it computes; run such functions in child processes (Scheduler.withProcesses)`,
  );
}
