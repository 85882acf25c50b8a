/** Values in a few words, for displays. @module */

import { isObject, shortened, show } from "./_base/check.ts";
import { isFuture } from "./future.ts";

const MAX_STRING = 40;
const INSPECT_OPTIONS: Deno.InspectOptions = {
  depth: 1,
  compact: true,
  breakLength: Infinity,
  iterableLimit: 4,
  strAbbreviateSize: MAX_STRING,
};
// Deno.inspect() reads all keys of an object, even if only a few are shown: a million take ten seconds.
const MAX_KEYS = 1000;
// Of a list, it reads no more than it shows.
const MAX_ITEMS = 20;

/** The arguments of a call in one short line. It never throws. */
export function describeArgs(args: readonly unknown[]): string {
  return shortened(args.slice(0, 8).map(describe).join(", "));
}

/** A value in one line. It never throws. */
export function describe(value: unknown): string {
  if (typeof value === "string") return describeString(value);
  if (typeof value === "function") return show(value);
  if (isFuture(value)) return `${value.taskName} #${value.id}`;
  return inspected(value, INSPECT_OPTIONS).replace(/\s+/g, " ");
}

/** A value as `Deno.inspect()` shows it, or its type if it has too many keys. It never throws. */
export function inspected(value: unknown, options: Deno.InspectOptions): string {
  try {
    const isLarge = keyCount(value, options.depth ?? 0) > MAX_KEYS;
    return isLarge ? show(value) : Deno.inspect(value, options);
  } catch {
    return show(value);
  }
}

/** How many keys the objects in a value have, down to a depth; not exact beyond the maximum. */
function keyCount(value: unknown, depth: number): number {
  if (!isObject(value) || ArrayBuffer.isView(value)) return 0;
  const items = itemsOf(value);
  const keys = items === undefined ? Object.keys(value) : [];
  let total = keys.length;
  for (const member of items ?? keys) {
    if (depth === 0 || total > MAX_KEYS) return total;
    total += keyCount(items === undefined ? dataOf(value, member as string) : member, depth - 1);
  }
  return total;
}

function itemsOf(value: object): unknown[] | undefined {
  if (value instanceof Map) return [...firstOf(value.keys()), ...firstOf(value.values())];
  return Array.isArray(value) || value instanceof Set ? firstOf(value) : undefined;
}

function firstOf(list: Iterable<unknown>): unknown[] {
  const first: unknown[] = [];
  for (const item of list) {
    if (first.push(item) === MAX_ITEMS) break;
  }
  return first;
}

// Not `value[key]`, which would call a getter.
function dataOf(value: object, key: string): unknown {
  return Object.getOwnPropertyDescriptor(value, key)?.value;
}

function describeString(text: string): string {
  return JSON.stringify(text.length > MAX_STRING ? `${text.slice(0, MAX_STRING)}…` : text);
}

/** What a call or callback has thrown, as text. It never throws, though a class of the user may. */
export function describeError(error: unknown): string {
  try {
    return error instanceof Error ? String(error) : show(error);
  } catch {
    return show(error);
  }
}
