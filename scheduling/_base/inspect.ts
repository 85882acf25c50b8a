/** How `console.log()` and notebooks show objects. @module */

import { isObject, show } from "./check.ts";

const INSPECT = Symbol.for("Deno.customInspect");
const DISPLAY = Symbol.for("Jupyter.display");

/** Shows a value as `console.log()` does. */
export type Inspect = (value: unknown, options?: object) => string;

/** The options of `console.log()` that are used here. */
export interface InspectOptions {
  readonly colors?: boolean;
  readonly depth?: number | null;
}

/**
 * Defines how `console.log()` shows the objects of a class in Deno. A method with this symbol as
 * its name would do the same, but `isolatedDeclarations` requires names that are known without type
 * checking.
 */
export function defineInspect<T>(
  type: { readonly prototype: T },
  show: (object: T, options: InspectOptions | undefined, inspect: Inspect) => string,
): void {
  Object.defineProperty(type.prototype, INSPECT, {
    configurable: true,
    writable: true,
    value(this: T, inspect: Inspect, options?: InspectOptions): string {
      return show(this, options, inspect);
    },
  });
}

/** The same content in several formats; a notebook shows the best that it knows. */
export interface MimeBundle {
  readonly "text/html": string;
  readonly "text/plain": string;
}

/** An object that notebooks show. */
interface Shown {
  toHTML(): string;
}

/**
 * Defines what notebooks show of the objects with a prototype. A method with this symbol as its name
 * would do the same, but `isolatedDeclarations` requires names that are known without type checking.
 */
export function defineDisplay(prototype: Shown): void {
  define(prototype, function (this: Shown): MimeBundle {
    return { "text/html": this.toHTML(), "text/plain": plainText(this) };
  });
}

/** Defines what notebooks show of a plain object, which remains equal to others of its content. */
export function withDisplay<T extends object>(object: T, toHtml: (shown: T) => string): T {
  return define(object, () => ({ "text/html": toHtml(object), "text/plain": plainText(object) }));
}

function define<T extends object>(target: T, value: () => MimeBundle): T {
  return Object.defineProperty(target, DISPLAY, { configurable: true, writable: true, value });
}

// A notebook keeps it in its file.
const MAX_PLAIN_LENGTH = 100_000;

// The error of a user may have a toString() that throws.
function plainText(shown: object): string {
  try {
    const text = Deno.inspect(shown, { colors: false });
    return text.length > MAX_PLAIN_LENGTH ? `${text.slice(0, MAX_PLAIN_LENGTH)}…` : text;
  } catch {
    return show(shown);
  }
}

// Deno.inspect() reads all keys of an object, even if only a few are shown: a million take ten seconds.
const MAX_KEYS = 1000;
// Of a list, it reads no more than it shows.
const MAX_ITEMS = 20;

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
