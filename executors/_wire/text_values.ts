/**
 * The values that JSON shows as they are: short texts, finite numbers, flags, and small plain objects and
 * lists of those. An object with an inner state, such as a map, passes for a plain one if a program has given
 * it the prototype of one.
 *
 * @module
 */

import { isProxy } from "../../scheduling/_base/v8_values.ts";

// Beyond these sizes, the serializer of the engine is as quick.
const LONGEST_TEXT = 2 ** 10;
const MOST_FIELDS = 64;
const MOST_OBJECTS = 16;

// Kept, because tasks may replace them.
const OBJECT = Object.prototype;
const LIST = Array.prototype;
const { toStringTag } = Symbol;
const { isArray } = Array;
const { getOwnPropertyDescriptor, getPrototypeOf, keys } = Object;
const kindOf: (object: object) => string = Function.prototype.call.bind(Object.prototype.toString);
const includes: (list: readonly object[], object: object) => boolean = Function.prototype.call.bind(
  LIST.includes,
);

/** Whether JSON shows a value as it is. `seen` takes its objects. */
export function isText(value: unknown, seen: object[] = []): boolean {
  switch (typeof value) {
    case "string":
      return value.length <= LONGEST_TEXT;
    case "number":
      // NaN, infinities and the negative zero become something else.
      return value - value === 0 && (value !== 0 || 1 / value > 0);
    case "boolean":
      return true;
    case "object":
      return value === null || isPlain(value, seen);
    default:
      return false;
  }
}

/** Whether JSON shows all values of a list without other fields, of any length, as they are. */
export function isListOfTexts(list: readonly unknown[]): boolean {
  const seen: object[] = [];
  for (let index = 0; index < list.length; index++) if (!isText(list[index], seen)) return false;
  return true;
}

function isPlain(object: object, seen: object[]): boolean {
  // JSON would write an object twice that a value holds twice. The engine refuses proxies.
  if (seen.length === MOST_OBJECTS || includes(seen, object) || isProxy(object)) return false;
  seen[seen.length] = object;
  // Not read: both may be getters, and a field need not be enumerable.
  if ("toJSON" in object || toStringTag in object) return false;
  return isArray(object) ? isPlainList(object, seen) : isRecord(object, seen);
}

function isRecord(object: object, seen: object[]): boolean {
  if (getPrototypeOf(object) !== OBJECT) return false;
  // This excludes the `arguments` of a function, and a date with another prototype.
  if (kindOf(object) !== "[object Object]") return false;
  const names = keys(object);
  return names.length <= MOST_FIELDS && hasTexts(object, names, seen);
}

function isPlainList(list: readonly unknown[], seen: object[]): boolean {
  const { length } = list;
  if (getPrototypeOf(list) !== LIST || length > MOST_FIELDS) return false;
  const names = keys(list);
  // Its indices come first: there are no holes if the last name is the last index.
  const isWhole = names.length === length &&
    (length === 0 || names[length - 1] === `${length - 1}`);
  return isWhole && hasTexts(list, names, seen);
}

function hasTexts(object: object, names: readonly string[], seen: object[]): boolean {
  for (let index = 0; index < names.length; index++) {
    const field = getOwnPropertyDescriptor(object, names[index] as string);
    // A getter has no value here; the engine calls it once.
    if (!isText(field?.value, seen)) return false;
  }
  return true;
}
