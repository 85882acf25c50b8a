// Losses of workers in calls with `Retry`, on the executors of this machine.
import { BATCH } from "../fixtures/batch_option.ts";
import { testRetriedCrashes } from "../fixtures/cases/retried_crashes.ts";
import { makers } from "../fixtures/makers.ts";
import { testCase } from "../fixtures/test_case.ts";

for (const [executor, make] of Object.entries(makers(BATCH).losing)) {
  testRetriedCrashes(testCase(executor), make, executor === "processes");
}
