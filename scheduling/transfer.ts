/**
 * Marks objects that move to the other thread instead of being copied.
 *
 * @module
 */

import { show } from "./_base/check.ts";
import { markTransferables } from "./_base/transferables.ts";

/**
 * Marks the objects in an argument or a result that move to the other thread instead of being
 * copied. Moved buffers are detached here once the call was sent.
 *
 * @typeParam T The type of the value.
 * @param value An argument of `submit()`, or the result of a function of a module. It must be an
 * object.
 * @param transferables The buffers, ports and streams inside the value that move.
 * @returns the same value.
 * @throws {TypeError} when the value is not an object, the list is not an array, or the list
 * contains a typed array in place of its buffer.
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

/** Throws unless the value can be a transfer list. */
export function checkTransferList(where: string, list: unknown): void {
  if (!Array.isArray(list)) throw new TypeError(`${where} must be an array, not ${show(list)}`);
  const view = list.find(ArrayBuffer.isView);
  if (view === undefined) return;
  throw new TypeError(`${where} must name the buffer, not ${show(view)} over it: pass its .buffer`);
}
