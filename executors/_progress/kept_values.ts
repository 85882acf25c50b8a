/** The results that need no message: numbers and constants. @module */

/** The kind of an outcome that has not been stored. */
export const NOTHING = 0;
/** The kind of an outcome that was sent in a message. */
export const SENT = 1;

const NUMBER = 2;
const FIRST_CONSTANT = 3;
const CONSTANTS: readonly unknown[] = [undefined, null, true, false];

/** The kind of a result: `SENT` if it needs a message. */
export function kindOf(value: unknown): number {
  if (typeof value === "number") return NUMBER;
  const index = CONSTANTS.indexOf(value);
  return index < 0 ? SENT : FIRST_CONSTANT + index;
}

/** The result of a kind; undefined if it was sent in a message. `number` is the result if it is one. */
export function valueOf(kind: number, number: number): { readonly value: unknown } | undefined {
  if (kind < NUMBER) return undefined;
  return { value: kind === NUMBER ? number : CONSTANTS[kind - FIRST_CONSTANT] };
}
