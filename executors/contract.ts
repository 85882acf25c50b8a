/**
 * What every executor must do, as checks for the tests of those who write one.
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
import { settlesWithin } from "../scheduling/_base/time.ts";
import { CLAIMS } from "./_contract/claims.ts";
import type { ExecutorCheck } from "./_contract/executor_check.ts";

export type { ExecutorCheck, MakeExecutor } from "./_contract/executor_check.ts";

// A call that never settles must fail the check in place of keeping it waiting.
const TIME_LIMIT_MS = 60_000;

/**
 * The contract of executors. Each check makes executors of its own and leaves nothing behind.
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
export const executorContract: readonly ExecutorCheck[] = CLAIMS.map(({ name, check }) => ({
  name,
  async check(make) {
    const within = await settlesWithin(check(make), TIME_LIMIT_MS);
    assert(within, `It is not through within ${TIME_LIMIT_MS} ms: a call of it has not settled`);
  },
}));
