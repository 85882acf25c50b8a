/** Gives a scheduler its executor. @module */

import { show } from "./_base/check.ts";
import type { Executor } from "./executor.ts";

const taken = new WeakSet<Executor>();

/**
 * Takes an executor for one scheduler.
 *
 * @throws {TypeError} unless it is an executor that no other scheduler has: the end of a run ends all
 * workers, those with calls of another run, too.
 */
export function takeExecutor(executor: Executor): void {
  checkExecutor(executor);
  if (taken.has(executor)) {
    throw new TypeError(
      `This ${executor.name} serves another scheduler already: an executor runs the calls of one, ` +
        `so give this scheduler one of its own`,
    );
  }
  taken.add(executor);
}

function checkExecutor(executor: Executor): void {
  for (const method of ["submit", "cancel", "shutdown"] as const) {
    if (typeof executor?.[method] !== "function") {
      throw new TypeError(
        `A Scheduler takes an Executor, not ${show(executor)}: it has no ${method}(); ` +
          `use Scheduler.withWorkers()`,
      );
    }
  }
  const { name, limits = [] } = executor;
  if (!Array.isArray(limits)) {
    throw new TypeError(`The limits of ${name} must be an array of names, not ${show(limits)}`);
  }
}
