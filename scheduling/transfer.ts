/**
 * Marks what moves to the other side in place of being copied.
 *
 * @module
 */

import { show } from "./_base/check.ts";
import { markTransferables } from "./_base/transferables.ts";

/**
 * Marks what an argument or a result moves to the other thread in place of copying it. The moved
 * buffers are empty here once the call was sent.
 *
 * @typeParam T The type of the value.
 * @param value An argument of `submit()`, or what a function of a module returns. It must be an
 * object, and is returned as it is.
 * @param transferables The buffers, ports and streams inside it that move.
 * @returns the value.
 * @throws {TypeError} when the value is not an object, the list not an array, or a typed array in it
 * that stands for its buffer.
 *
 * @example Move a large array to the worker
 * ```ts
 * import { Scheduler, transfer } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withWorkers(1);
 * const sum = scheduler.task((xs: Float64Array) => xs.reduce((a, b) => a + b, 0));
 * const numbers = new Float64Array([1, 2, 3]);
 * scheduler.onStart(() => {
 *   sum.submit(transfer(numbers, [numbers.buffer]));
 * });
 * sum.onResult((_future, total) => assertEquals(total, 6));
 * await scheduler.run();
 * assertEquals(numbers.length, 0);
 * ```
 *
 * @category Tasks
 */
export function transfer<T extends object>(value: T, transferables: readonly Transferable[]): T {
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`transfer() marks an object, not ${show(value)}`);
  }
  checkTransferList("The list of transfer()", transferables);
  markTransferables(value, transferables);
  return value;
}

/** Throws unless the value is a list of what may move. */
export function checkTransferList(where: string, list: unknown): void {
  if (!Array.isArray(list)) throw new TypeError(`${where} must be an array, not ${show(list)}`);
  const view = list.find(ArrayBuffer.isView);
  if (view === undefined) return;
  throw new TypeError(`${where} must name the buffer, not ${show(view)} over it: pass its .buffer`);
}
