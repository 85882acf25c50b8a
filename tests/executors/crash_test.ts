// The crash suite, on the executors of this machine.
import { BATCH } from "../fixtures/batch_option.ts";
import { testCrashes } from "../fixtures/cases/crashes.ts";
import { makers } from "../fixtures/makers.ts";
import { testCase } from "../fixtures/test_case.ts";

for (const [executor, make] of Object.entries(makers(BATCH).losing)) {
  testCrashes(testCase(executor), make);
}
