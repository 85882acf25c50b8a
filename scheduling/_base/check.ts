/** Checks of options: each error names the option, the value and the remedy. @module */

/** A value as an error message shows it: short, and never throwing. */
export function show(value: unknown): string {
  try {
    if (typeof value === "string") return JSON.stringify(value);
    if (typeof value === "function") return showFunction(value);
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value !== "object" || value === null) return String(value);
    return Array.isArray(value) ? "an array" : showObject(value);
  } catch {
    return `${typeof value === "function" ? "a function" : "an object"} that cannot be read`;
  }
}

function showFunction(fn: { readonly name: unknown }): string {
  const name = typeof fn.name === "string" && fn.name !== "" ? fn.name : "(anonymous)";
  return `${isClass(fn) ? "the class" : "function"} ${name}`;
}

function showObject(value: object): string {
  const name: unknown = value.constructor?.name;
  // Generators have constructors without a name.
  const type = typeof name === "string" && name !== "" ? name : tagOf(value);
  return type === undefined ? "an object" : `an object of ${type}`;
}

function tagOf(value: object): string | undefined {
  const tag = (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  return typeof tag === "string" ? tag : undefined;
}

/** Whether `value` is a class, as far as it can be distinguished from a constructable function. */
export function isClass(value: unknown): value is abstract new (...args: never[]) => unknown {
  if (typeof value !== "function" || !isConstructor(value)) return false;
  const { writable, value: prototype } = Object.getOwnPropertyDescriptor(value, "prototype") ?? {};
  if (typeof prototype !== "object" || prototype === null) return false;
  // The prototype of a class is not writable. Functions used as classes have prototypes with
  // members.
  return writable === false || Object.getPrototypeOf(prototype) !== Object.prototype ||
    Reflect.ownKeys(prototype).length > 1;
}

function isConstructor(value: object): boolean {
  try {
    Reflect.construct(Object, [], value as new () => unknown);
    return true;
  } catch {
    return false;
  }
}

/** Whether `value` is an object, functions included. */
export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** Whether `value` is an object literal, with or without a prototype. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Options of another function, for a hint in the error. */
export interface Elsewhere {
  readonly where: string;
  readonly options: readonly string[];
}

/**
 * A copy of the options without a prototype, so that members that a library added to
 * `Object.prototype` do not count as options.
 *
 * @throws {TypeError} unless `options` is an object with no other keys than `known`.
 */
export function ownOptions<T extends object>(
  where: string,
  options: T,
  known: readonly string[],
  elsewhere?: Elsewhere,
): T {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(`${where} takes an object of options, not ${show(options)}`);
  }
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const hint = elsewhere?.options.includes(key) ? ` (${elsewhere.where} has it)` : "";
    throw new TypeError(`${where} has no option "${key}"${hint}: it has ${known.join(", ")}`);
  }
  return Object.assign(Object.create(null), options);
}

/** Throws unless `value` is a function. */
export function checkFunction(where: string, value: unknown): void {
  if (typeof value !== "function") {
    throw new TypeError(`${where} must be a function, not ${show(value)}`);
  }
}

/** Throws unless `value` is true or false. */
export function checkBoolean(where: string, value: unknown): void {
  if (typeof value !== "boolean") {
    throw new TypeError(`${where} must be true or false, not ${show(value)}`);
  }
}

/** Throws unless `value` is an `AbortSignal`. */
export function checkSignal(where: string, value: unknown): void {
  if (!(value instanceof AbortSignal)) {
    throw new TypeError(`${where} must be an AbortSignal, not ${show(value)}`);
  }
}

/** Throws unless `value` is a positive integer. */
export function checkCount(where: string, value: unknown): void {
  checkNumber(where, value);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new RangeError(`${where} must be a positive integer, not ${value}`);
  }
}

/** Checks a count that precedes options; the error for options in its place names the order. */
export function checkCountBeforeOptions(where: string, value: unknown): void {
  if (isPlainObject(value)) {
    const names = Object.keys(value).map((name) => `${name}: …`).join(", ");
    throw new TypeError(
      `${where} must be a number, not ${show(value)}: options come second, as in (4, { ${names} })`,
    );
  }
  checkCount(where, value);
}

/** Throws unless `value` is a positive integer, or `Infinity` for no limit. */
export function checkCountOrInfinity(where: string, value: unknown): void {
  checkNumber(where, value);
  if (value === Infinity || (Number.isSafeInteger(value) && value >= 1)) return;
  throw new RangeError(`${where} must be a positive integer or Infinity, not ${value}`);
}

/** Throws unless `value` is an integer from 0 to `most`, the number of workers. */
export function checkCountUpTo(
  where: string,
  value: unknown,
  most: number,
  types = "a number",
): void {
  checkNumber(where, value, types);
  if (Number.isSafeInteger(value) && value >= 0 && value <= most) return;
  throw new RangeError(
    `${where} must be an integer from 0 to ${most}, the number of workers, not ${value}`,
  );
}

/** Throws unless `value` is a number of milliseconds, 0 or more, `Infinity` included. */
export function checkDuration(where: string, value: unknown): void {
  checkNumber(where, value);
  if (!(value >= 0)) {
    throw new RangeError(`${where} must be 0 or more milliseconds, not ${value}`);
  }
}

/** Throws unless `value` is a number that is neither infinite nor `NaN`. */
export function checkFinite(where: string, value: unknown): void {
  checkNumber(where, value);
  if (!Number.isFinite(value)) {
    throw new RangeError(`${where} must be a finite number, not ${value}`);
  }
}

function checkNumber(
  where: string,
  value: unknown,
  types = "a number",
): asserts value is number {
  if (typeof value !== "number") {
    throw new TypeError(`${where} must be ${types}, not ${show(value)}`);
  }
}

const MAX_TEXT = 72;

const HALF_CHARACTER = /[\ud800-\udbff]$/;

/** The text, cut to 72 characters. */
export function shortened(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  return `${text.slice(0, MAX_TEXT - 1).replace(HALF_CHARACTER, "")}…`;
}
