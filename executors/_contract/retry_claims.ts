/** The claims about calls that plugins try again. @module */

import { assertEquals } from "@std/assert";
import { Scheduler } from "../../scheduling/scheduler.ts";
import type { ExecutorCheck } from "./executor_check.ts";

/** The claims. */
export const RETRY_CLAIMS: readonly ExecutorCheck[] = [
  {
    name: "runs a call again that has failed and is submitted again",
    async check(make) {
      const scheduler = new Scheduler(make(1));
      const errors: string[] = [];
      const fails = scheduler.task((n: number) => {
        throw new RangeError(`no ${n}`);
      }, {
        plugins: {
          name: "again",
          preSettle(_future, outcome) {
            if ("exception" in outcome) errors.push(String(outcome.exception));
            return errors.length < 6 ? { retry: Promise.resolve() } : undefined;
          },
        },
      });
      scheduler.onStart(() => {
        for (const n of [1, 2]) fails.submit(n);
      });
      await scheduler.run({ onException: "ignore" });
      assertEquals(fails.eventCounts.exception, 2);
      assertEquals(errors.slice(0, 6), [1, 2, 1, 2, 1, 2].map((n) => `RangeError: no ${n}`));
    },
  },
];
