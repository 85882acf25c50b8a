/** Remembers what moves with a value: all that a worker needs of `transfer()`. @module */

const NONE: readonly Transferable[] = [];

const marked = new WeakMap<object, readonly Transferable[]>();

/** Marks what is to move with a value. */
export function markTransferables(value: object, transferables: readonly Transferable[]): void {
  marked.set(value, [...new Set(transferables)]);
}

/** What was marked to move with these values. */
export function transferablesOf(values: readonly unknown[]): readonly Transferable[] {
  let found = NONE;
  for (const value of values) {
    if (typeof value !== "object" || value === null) continue;
    const transferables = marked.get(value);
    if (transferables !== undefined) found = [...found, ...transferables];
  }
  return found;
}
