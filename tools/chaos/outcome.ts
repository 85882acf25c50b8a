/** What may become of a task, and what must. @module */

import { WorkerLostError, type WorkerLostReason } from "@amltk/scheduling";

/** What has become of a future. */
export type Outcome =
  | { readonly type: "result"; readonly value: unknown }
  | { readonly type: "exception"; readonly error: unknown }
  | { readonly type: "cancelled" };

/** Whether an outcome is one that the task with the number `n` may have. */
export type Expectation = (outcome: Outcome, n: number) => boolean;

/** The very value of this task, so that no answer can be taken for another's. */
export function gives(value: (n: number) => unknown): Expectation {
  return (outcome, n) => outcome.type === "result" && outcome.value === value(n);
}

/** An error with this name whose message holds `part`, which may hold the task's number. */
export function failsWith(name: string, part: (n: number) => string): Expectation {
  return (outcome, n) =>
    outcome.type === "exception" && outcome.error instanceof Error &&
    outcome.error.name === name && outcome.error.message.includes(part(n));
}

/** A thrown value that is no error. */
export function throws(value: (n: number) => unknown): Expectation {
  return (outcome, n) => outcome.type === "exception" && outcome.error === value(n);
}

/** The loss of the worker, for this reason. */
export function losesWorker(
  reason: WorkerLostReason,
  check: (error: WorkerLostError, n: number) => boolean = () => true,
): Expectation {
  return (outcome, n) =>
    outcome.type === "exception" && outcome.error instanceof WorkerLostError &&
    outcome.error.reason === reason && check(outcome.error, n);
}

/** The cancellation. */
export const isCancelled: Expectation = ({ type }) => type === "cancelled";

/** One of two. */
export function either(one: Expectation, other: Expectation): Expectation {
  return (outcome, n) => one(outcome, n) || other(outcome, n);
}

/** The kind of an outcome, as it is counted: the result, the class of the error, the cancellation. */
export function nameOf(outcome: Outcome): string {
  if (outcome.type !== "exception") return outcome.type;
  const { error } = outcome;
  if (error instanceof WorkerLostError) return `WorkerLostError (${error.reason})`;
  return error instanceof Error ? error.name : `a thrown ${typeof error}`;
}
