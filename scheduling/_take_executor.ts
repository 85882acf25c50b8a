/** Reserves an executor for one scheduler. @module */

import { show } from "./_base/check.ts";
import type { Executor } from "./executor.ts";

const taken = new WeakSet<Executor>();

/**
 * Reserves an executor for one scheduler: the end of a run ends all workers, and would end the
 * calls of another scheduler with them.
 *
 * @throws {TypeError} when it is no executor, or another scheduler uses it.
 */
export function takeExecutor(executor: Executor): void {
  checkExecutor(executor);
  if (taken.has(executor)) {
    throw new TypeError(
      `This ${executor.name} serves another scheduler already: an executor runs the calls of one ` +
        `scheduler, so make another executor`,
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
  if (executor.features?.includes?.("output") && executor.captureOutput === undefined) {
    throw new TypeError(
      `${executor.name} lists the feature "output" and has no captureOutput(): add the method, or leave ` +
        `out the feature`,
    );
  }
  const { name, limits = [], features = [] } = executor;
  for (const [what, names] of Object.entries({ limits, features })) {
    if (Array.isArray(names)) continue;
    throw new TypeError(`The ${what} of ${name} must be an array of names, not ${show(names)}`);
  }
}
