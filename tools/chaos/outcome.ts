/** The outcomes of tasks, and which outcomes a kind allows. @module */

import { WorkerLostError, type WorkerLostReason } from "@amltk/scheduling";

/** How a future settled. */
export type Outcome =
  | { readonly type: "result"; readonly value: unknown }
  | { readonly type: "exception"; readonly error: unknown }
  | { readonly type: "cancelled" };

/** Whether the task with the number `n` may have this outcome. */
export type Expectation = (outcome: Outcome, n: number) => boolean;

/** Expects the value of this very task, so that results cannot be mixed up. */
export function gives(value: (n: number) => unknown): Expectation {
  return (outcome, n) => outcome.type === "result" && outcome.value === value(n);
}

/** Expects an error with this name whose message contains `part`, such as the task's number. */
export function failsWith(name: string, part: (n: number) => string): Expectation {
  return (outcome, n) =>
    outcome.type === "exception" && outcome.error instanceof Error &&
    outcome.error.name === name && outcome.error.message.includes(part(n));
}

/** Expects a thrown value that is not an error. */
export function throws(value: (n: number) => unknown): Expectation {
  return (outcome, n) => outcome.type === "exception" && outcome.error === value(n);
}

/** Expects the loss of the worker for this reason. */
export function losesWorker(
  reason: WorkerLostReason,
  check: (error: WorkerLostError, n: number) => boolean = () => true,
): Expectation {
  return (outcome, n) =>
    outcome.type === "exception" && outcome.error instanceof WorkerLostError &&
    outcome.error.reason === reason && check(outcome.error, n);
}

/** Expects a cancellation. */
export const isCancelled: Expectation = ({ type }) => type === "cancelled";

/** Expects one of two outcomes. */
export function either(one: Expectation, other: Expectation): Expectation {
  return (outcome, n) => one(outcome, n) || other(outcome, n);
}

/** The name that an outcome is counted by: result, cancelled, or the class of the error. */
export function nameOf(outcome: Outcome): string {
  if (outcome.type !== "exception") return outcome.type;
  const { error } = outcome;
  if (error instanceof WorkerLostError) return `WorkerLostError (${error.reason})`;
  return error instanceof Error ? error.name : `a thrown ${typeof error}`;
}
