/** Statistics as data that `JSON.stringify()` takes. @module */

import { isPlainObject, show } from "./check.ts";

// The details of a plugin may contain themselves.
const MAX_DEPTH = 8;

/** A copy of a value in which all that JSON cannot express is text: a bigint its digits, all else as error messages show it. */
export function toPlain(value: unknown, depth = 0): unknown {
  if (value === undefined || value === null) return value;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (Number.isFinite(value)) return value;
  if (typeof value === "bigint") return String(value);
  if (depth < MAX_DEPTH && Array.isArray(value)) {
    return value.map((each) => toPlain(each, depth + 1));
  }
  if (depth < MAX_DEPTH && isPlainObject(value)) return toPlainObject(value, depth);
  return show(value);
}

function toPlainObject(value: Readonly<Record<string, unknown>>, depth: number): object {
  const entries = Object.entries(value).map(([key, each]) => [key, toPlain(each, depth + 1)]);
  return Object.fromEntries(entries);
}
