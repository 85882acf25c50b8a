/** Checks which features an executor honours. @module */

import { show } from "./_base/check.ts";
import type { Executor, ExecutorFeature } from "./executor.ts";

const HONOURED_BY: Readonly<Record<ExecutorFeature, readonly string[]>> = {
  limits: ["withWorkers", "withProcesses"],
  comm: ["withWorkers", "withProcesses", "withSequential"],
  priority: ["withWorkers", "withProcesses", "withSequential"],
  output: [],
};

/** Throws `TypeError` unless the executor honours the feature. */
export function checkFeature(executor: Executor, feature: ExecutorFeature): void {
  checkFeatureName(feature);
  if (executor.features?.includes(feature)) return;
  const makers = HONOURED_BY[feature].map((maker) => `Scheduler.${maker}()`);
  const remedy = makers.length === 0 ? "no executor of this package does" : `use ${list(makers)}`;
  throw new TypeError(`${executor.name} does not honour ${feature}: ${remedy}`);
}

function checkFeatureName(feature: unknown): void {
  const known = Object.keys(HONOURED_BY);
  if (known.includes(feature as string)) return;
  throw new TypeError(`A feature must be one of ${known.join(", ")}, not ${show(feature)}`);
}

function list(names: readonly string[]): string {
  return new Intl.ListFormat("en", { type: "disjunction" }).format(names);
}
