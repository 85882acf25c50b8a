/** The kinds of tasks whose workers may be lost at any time. @module */

import { WorkerLostError } from "@amltk/scheduling";
import { type Kind, kindsFor } from "../kinds.ts";
import { either, type Expectation, isCancelled, type Outcome } from "../outcome.ts";
import type { Starts } from "./starts.ts";

const FROM_OUTSIDE: readonly string[] = ["died", "unreachable", "undeliverable"];

/** The kinds that run on threads as on processes; `isExplained(n)`: that task had a worker that was disturbed. */
export function disturbedKinds(
  starts: Starts,
  isExplained: (n: number) => boolean,
): readonly Kind[] {
  const isLost: Expectation = (outcome, n) => isLostFromOutside(outcome) && isExplained(n);
  return kindsFor("nats").map((kind) => ({
    ...kind,
    run: starts.recorded(kind),
    expected: either(kind.retried === undefined ? kind.expected : attempted(kind), isLost),
    isDisturbed: true,
  }));
}

/** Whether a call was lost with its remote worker. */
export function isLostFromOutside(outcome: Outcome): boolean {
  return outcome.type === "exception" && outcome.error instanceof WorkerLostError &&
    FROM_OUTSIDE.includes(outcome.error.reason);
}

/** The outcomes of a kind whose attempts a disturbance may have used up. */
function attempted({ retried, cancellation }: Kind): Expectation {
  const maxAttempts = retried?.options.maxAttempts ?? 1;
  const isOfAttempt: Expectation = (outcome, n) => {
    const [, of, attempt] = /^(\d+), attempt (\d+)$/.exec(textOf(outcome)) ?? [];
    return Number(of) === n && Number(attempt) <= maxAttempts;
  };
  const hasExited: Expectation = ({ type }, n) => type === "exception" && n % maxAttempts > 0;
  const settles = either(isOfAttempt, hasExited);
  return cancellation === undefined ? settles : either(settles, isCancelled);
}

function textOf(outcome: Outcome): string {
  if (outcome.type === "result") return String(outcome.value);
  return outcome.type === "exception" && outcome.error instanceof Error
    ? outcome.error.message
    : "";
}
