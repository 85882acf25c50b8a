/** The marks of `transfer()`, without its checks, which workers do not need. @module */

const NONE: readonly Transferable[] = [];

const marked = new WeakMap<object, readonly Transferable[]>();

/** Marks the objects that move with a value. */
export function markTransferables(value: object, transferables: readonly Transferable[]): void {
  marked.set(value, [...new Set(transferables)]);
}

/** The objects that were marked to move with these values. */
export function transferablesOf(values: readonly unknown[]): readonly Transferable[] {
  let found = NONE;
  for (const value of values) {
    if (typeof value !== "object" || value === null) continue;
    const transferables = marked.get(value);
    if (transferables !== undefined) found = [...found, ...transferables];
  }
  return found;
}
