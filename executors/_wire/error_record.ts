/** Converts thrown values to records that survive structured cloning. @module */

import { classNamesOf } from "../../scheduling/_base/error_class_names.ts";
import * as ownErrors from "../../scheduling/errors.ts";
import { type Medium, THREADS } from "../../scheduling/_base/medium.ts";

/** An error in parts that can be cloned. Causes may form a cycle. */
export interface ErrorDetails {
  readonly kind: "error";
  /** The nearest class that both sides have. */
  readonly type: string;
  /** The names of its classes, base classes included. */
  readonly classes: readonly string[];
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Own enumerable fields. */
  readonly fields: readonly (readonly [string, unknown])[];
  cause?: ErrorRecord;
  errors?: readonly ErrorRecord[];
  /** The two errors of a `SuppressedError`. */
  suppressed?: { readonly error: ErrorRecord; readonly suppressed: ErrorRecord };
}

/** A thrown value: an error in parts, or any other value as it is. */
export type ErrorRecord = ErrorDetails | {
  readonly kind: "value";
  readonly value: unknown;
  /** The names of the classes of an object, base classes included. */
  readonly classes?: readonly string[];
};

// An error may carry a log or a long chain of causes; its record stays readable.
const MAX_DEPTH = 16;
const MAX_ITEMS = 100;
const MAX_TEXT = 1_000_000;

type AnyErrorClass = new (...args: never[]) => Error;

// Missing in Deno before 2.2.10.
const Suppressed = (globalThis as { SuppressedError?: typeof SuppressedError }).SuppressedError;

/** The classes that both sides have, by name. */
export const sharedClasses: ReadonlyMap<string, AnyErrorClass> = new Map(
  [
    ...[Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError],
    ...[AggregateError, DOMException, ...(Suppressed === undefined ? [] : [Suppressed])],
    ...Object.values(typeof Deno === "undefined" ? {} : Deno.errors),
    ...Object.values(ownErrors),
  ].map((type) => [type.name, type as AnyErrorClass]),
);

/** The record of a thrown value that is to cross by a medium. Never throws. */
export function toErrorRecord(thrown: unknown, medium: Medium = THREADS): ErrorRecord {
  return new Recorder(medium).record(thrown, 0);
}

/**
 * The record of what a function has thrown: an instance of a class other than an error crosses as a plain
 * object, and policies need its class names.
 */
export function toThrownRecord(thrown: unknown, medium: Medium): ErrorRecord {
  const record = toErrorRecord(thrown, medium);
  if (record.kind === "error" || typeof thrown !== "object" || thrown === null) return record;
  return { ...record, classes: classNamesOf(thrown) };
}

class Recorder {
  readonly #medium: Medium;
  readonly #records = new Map<object, ErrorDetails>();

  constructor(medium: Medium) {
    this.#medium = medium;
  }

  record(thrown: unknown, depth: number): ErrorRecord {
    try {
      if (!(thrown instanceof Error)) return { kind: "value", value: this.#valueOf(thrown) };
      return this.#records.get(thrown) ?? this.#recordError(thrown, depth);
    } catch {
      return { kind: "value", value: "a value that cannot be read" };
    }
  }

  #recordError(error: Error, depth: number): ErrorDetails {
    const details: ErrorDetails = {
      kind: "error",
      type: sharedTypeOf(error),
      classes: classNamesOf(error),
      name: text(read(error, "name")) ?? "Error",
      message: text(read(error, "message")) ?? "",
      stack: text(read(error, "stack")),
      fields: this.#fieldsOf(error, (key) => !isTaken(key, error)),
    };
    this.#records.set(error, details);
    if (depth >= MAX_DEPTH) return details;
    if (Object.hasOwn(error, "cause")) {
      details.cause = this.record(read(error, "cause"), depth + 1);
    }
    if (Suppressed !== undefined && error instanceof Suppressed) {
      details.suppressed = {
        error: this.record(read(error, "error"), depth + 1),
        suppressed: this.record(read(error, "suppressed"), depth + 1),
      };
    }
    const errors = read(error, "errors");
    if (error instanceof AggregateError && Array.isArray(errors)) {
      details.errors = errors.slice(0, MAX_ITEMS).map((each) => this.record(each, depth + 1));
    }
    return details;
  }

  // The value itself, or a copy with only those fields that can cross.
  #valueOf(thrown: unknown): unknown {
    if (this.#medium.accepts(thrown)) return thrown;
    if (typeof thrown !== "object" || thrown === null) return printable(thrown);
    const fields = this.#fieldsOf(thrown, () => true);
    if (fields.length === 0) return printable(thrown);
    const value = Array.isArray(thrown) ? [] : {};
    for (const [key, field] of fields) {
      Object.defineProperty(value, key, { value: field, ...PLAIN });
    }
    return value;
  }

  #fieldsOf(object: object, isField: (key: string) => boolean): [string, unknown][] {
    return Object.keys(object)
      .filter(isField)
      .slice(0, MAX_ITEMS)
      .map((key): [string, unknown] => [key, read(object, key)])
      // Errors of Node have an own toString(); as text it would break printing.
      .filter(([key, value]) => !(typeof value === "function" && key in Object.prototype))
      .map(([key, value]) => [key, this.#medium.accepts(value) ? value : printable(value)]);
  }
}

const PLAIN = { enumerable: true, configurable: true, writable: true };

function sharedTypeOf(error: object): string {
  for (let at = Object.getPrototypeOf(error); at !== null; at = Object.getPrototypeOf(at)) {
    const name = text(read(read(at, "constructor"), "name")) ?? "";
    if (sharedClasses.get(name)?.prototype === at) return name;
  }
  return "Error";
}

// Not enumerable on native errors, but a user's class may define them so.
const TAKEN: ReadonlySet<string> = new Set(["name", "message", "stack", "cause"]);

function isTaken(key: string, error: object): boolean {
  return TAKEN.has(key) || (key === "errors" && error instanceof AggregateError);
}

function printable(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "a value that cannot be printed";
  }
}

function read(from: unknown, key: string): unknown {
  try {
    return (from as Record<string, unknown> | null | undefined)?.[key];
  } catch {
    return undefined;
  }
}

function text(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const whole = typeof value === "string" ? value : printable(value);
  return whole.length > MAX_TEXT ? `${whole.slice(0, MAX_TEXT)}…` : whole;
}
