/** Checks of executors: that one is usable and free, and which features it honours. @module */

import { show } from "./_base/check.ts";
import type { Executor, ExecutorFeature } from "./executor.ts";

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

const HONOURED_BY: Readonly<Record<ExecutorFeature, readonly string[]>> = {
  limits: ["withWorkers()", "withProcesses()"],
  comm: ["withWorkers()", "withProcesses()", "withSequential()"],
  priority: ["withWorkers()", "withProcesses()", "withSequential()"],
  output: [
    'withWorkers(count, { output: "event" })',
    'withProcesses(count, { output: "event" })',
  ],
};

/** Throws `TypeError` unless the executor honours the feature. */
export function checkFeature(executor: Executor, feature: ExecutorFeature): void {
  checkFeatureName(feature);
  if (executor.features?.includes(feature)) return;
  throw new TypeError(`${executor.name} does not honour ${feature}: use ${makersOf(feature)}`);
}

/** Why a scheduler or a task lacks an event of a feature; undefined for other events. */
export function remedyForEvent(executor: Executor, event: string): string | undefined {
  if (event !== "future-output" && event !== "output") return undefined;
  return `${executor.name} does not pass on what calls print; use ${makersOf("output")}`;
}

function checkFeatureName(feature: unknown): void {
  const known = Object.keys(HONOURED_BY);
  if (known.includes(feature as string)) return;
  throw new TypeError(`A feature must be one of ${known.join(", ")}, not ${show(feature)}`);
}

function makersOf(feature: ExecutorFeature): string {
  const makers = HONOURED_BY[feature].map((maker) => `Scheduler.${maker}`);
  return new Intl.ListFormat("en", { type: "disjunction" }).format(makers);
}
