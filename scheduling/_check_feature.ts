/** Checks which features an executor honours. @module */

import { show } from "./_base/check.ts";
import type { Executor, ExecutorFeature } from "./executor.ts";

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
