/**
 * The contract of executors as checks, to test an executor of your own.
 *
 * @example All claims about Web Workers
 * ```ts
 * import { WebWorkerExecutor } from "@amltk/scheduling";
 * import { executorContract } from "@amltk/scheduling/executors/contract";
 *
 * for (const { name, check } of executorContract) {
 *   Deno.test(`WebWorkerExecutor ${name}`, () => check((count) => new WebWorkerExecutor(count)));
 * }
 * ```
 *
 * @module
 */

import { assert } from "@std/assert";
import { settlesInGrace } from "../scheduling/_base/time.ts";
import { CLAIMS } from "./_contract/claims.ts";
import { COMM_CLAIMS } from "./_contract/comm_claims.ts";
import { OUTPUT_CLAIMS } from "./_contract/output_claims.ts";
import { PRIORITY_CLAIMS } from "./_contract/priority_claims.ts";
import { RETRY_CLAIMS } from "./_contract/retry_claims.ts";
import { WORKER_CLAIMS } from "./_contract/worker_claims.ts";
import type { ExecutorCheck } from "./_contract/executor_check.ts";

export type { ExecutorCheck, MakeExecutor } from "./_contract/executor_check.ts";

// A call that never settles must fail the check instead of blocking it.
const TIME_LIMIT_MS = 60_000;

/**
 * The contract of executors. Each check makes its own executors and shuts them down. Checks of a
 * feature pass for executors that do not list it.
 *
 * @example Test an executor
 * ```ts
 * import { SequentialExecutor } from "@amltk/scheduling";
 * import { executorContract } from "@amltk/scheduling/executors/contract";
 *
 * for (const { name, check } of executorContract) {
 *   Deno.test(`SequentialExecutor ${name}`, () => check(() => new SequentialExecutor()));
 * }
 * ```
 */
export const executorContract: readonly ExecutorCheck[] = [
  ...CLAIMS,
  ...COMM_CLAIMS,
  ...OUTPUT_CLAIMS,
  ...PRIORITY_CLAIMS,
  ...RETRY_CLAIMS,
  ...WORKER_CLAIMS,
].map(({ name, check }) => ({
  name,
  async check(make) {
    const within = await settlesInGrace(check(make), TIME_LIMIT_MS);
    assert(
      within,
      `The check did not end within ${TIME_LIMIT_MS} ms, because one of its calls did not settle`,
    );
  },
}));
