/**
 * The values that JSON shows as they are: short texts, finite numbers, flags, and small plain objects and
 * lists of those.
 *
 * @module
 */

import { isProxy } from "../../scheduling/_base/v8_values.ts";

// The engine is as quick with longer ones.
const LONGEST_TEXT = 2 ** 10;
// The same for larger objects and lists, and for more of them.
const MOST_FIELDS = 32;
const MOST_OBJECTS = 16;

// Kept, because tasks may replace them.
const { isArray } = Array;
const { getOwnPropertyDescriptor, getPrototypeOf, keys } = Object;
const kindOf: (object: object) => string = Function.prototype.call.bind(Object.prototype.toString);
const OBJECT = Object.prototype;
const LIST = Array.prototype;

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
export function isListOfTexts(list: unknown): boolean {
  if (!isArray(list)) return false;
  const seen: object[] = [];
  for (let index = 0; index < list.length; index++) if (!isText(list[index], seen)) return false;
  return true;
}

function isPlain(object: object, seen: object[]): boolean {
  // A copy of what holds an object twice holds one object; the engine refuses proxies.
  if (seen.length === MOST_OBJECTS || has(seen, object) || isProxy(object)) return false;
  seen[seen.length] = object;
  const isList = isArray(object);
  if (getPrototypeOf(object) !== (isList ? LIST : OBJECT)) return false;
  // Such as the arguments of a function, or a date with another prototype.
  if (!isList && kindOf(object) !== "[object Object]") return false;
  const names = keys(object);
  if (names.length > MOST_FIELDS) return false;
  // A list may have holes, or other fields.
  if (isList && names.length !== object.length) return false;
  for (let index = 0; index < names.length; index++) {
    const field = getOwnPropertyDescriptor(object, names[index] as string);
    // A getter is called only once.
    if (field === undefined || field.get !== undefined || !isText(field.value, seen)) return false;
  }
  return true;
}

function has(list: readonly object[], object: object): boolean {
  for (let index = 0; index < list.length; index++) if (list[index] === object) return true;
  return false;
}
