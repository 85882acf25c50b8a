/** The kinds of tasks that are tried again. @module */

import { fromModule, type RetryOptions } from "@amltk/scheduling";
import type { Kind } from "./kinds.ts";
import { either, failsWith, gives, isCancelled } from "./outcome.ts";

const MAX_ATTEMPTS = 3;

/** How the calls of a kind are tried again. */
export interface Retried {
  readonly options: RetryOptions;
  /** How many attempts of the task with the number `n` fail and are followed by another. */
  readonly retries: (n: number) => number;
}

const { losesWorkers, rejects } = fromModule<typeof import("./attempts.ts")>(
  import.meta.resolve("./attempts.ts"),
);

const pause: RetryOptions = { maxAttempts: MAX_ATTEMPTS, backoff: (attempt) => 2 * attempt };
const isRangeError = (error: unknown) => error instanceof RangeError;

/** Their second argument is a folder of the run. */
export const retried: readonly Kind[] = [
  {
    name: "loses workers, tried again",
    weight: 60,
    run: losesWorkers,
    retried: { options: pause, retries: (n) => n % 3 },
    expected: gives((n) => `${n}, attempt ${n % 3 + 1}`),
  },
  {
    name: "rejects, tried again in vain",
    weight: 100,
    run: rejects,
    retried: { options: { ...pause, retryIf: isRangeError }, retries: () => MAX_ATTEMPTS - 1 },
    expected: failsWith("RangeError", (n) => `${n}, attempt ${MAX_ATTEMPTS}`),
  },
  {
    name: "tried again without a pause",
    weight: 100,
    run: rejects,
    retried: {
      options: { maxAttempts: 2, backoff: 0, retryIf: isRangeError },
      retries: () => 1,
    },
    expected: failsWith("RangeError", (n) => `${n}, attempt 2`),
  },
  {
    name: "tried again, cancelled at some time",
    weight: 60,
    run: rejects,
    retried: { options: { ...pause, retryIf: isRangeError }, retries: () => MAX_ATTEMPTS - 1 },
    cancellation: "cancel at some time",
    expected: either(failsWith("RangeError", (n) => `${n}, attempt ${MAX_ATTEMPTS}`), isCancelled),
  },
];
