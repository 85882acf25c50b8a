/** The types of the executor contract. @module */

import type { Executor } from "../../scheduling/executor.ts";

/**
 * Makes a new executor with the given number of workers. An executor that has only one may ignore it.
 *
 * @example Try one claim
 * ```ts
 * import { WebWorkerExecutor } from "@amltk/scheduling";
 * import { executorContract, type MakeExecutor } from "@amltk/scheduling/executors/contract";
 * import { assertEquals } from "@std/assert";
 *
 * const make: MakeExecutor = (workerCount) => new WebWorkerExecutor(workerCount);
 * assertEquals(make(3).workerCount, 3);
 * await executorContract[0]?.check(make);
 * ```
 */
export type MakeExecutor = (workerCount: number) => Executor;

/**
 * One claim that every executor must fulfil, with its check.
 *
 * @example Claims by their names
 * ```ts
 * import { SequentialExecutor } from "@amltk/scheduling";
 * import { type ExecutorCheck, executorContract } from "@amltk/scheduling/executors/contract";
 * import { assertEquals } from "@std/assert";
 *
 * const about = (word: string) => ({ name }: ExecutorCheck) => name.includes(word);
 * for (const { check } of executorContract.filter(about("cancelled"))) {
 *   await check(() => new SequentialExecutor());
 * }
 * assertEquals(executorContract.filter(about("cancelled")).length, 3);
 * ```
 */
export interface ExecutorCheck {
  /** The claim. */
  readonly name: string;
  /**
   * Checks the claim.
   *
   * @param make Makes the executor.
   * @returns a promise that rejects with an `AssertionError` if the claim does not hold.
   */
  check(make: MakeExecutor): Promise<void>;
}
