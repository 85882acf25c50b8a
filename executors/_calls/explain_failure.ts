/** Explains failures of functions that would have worked outside a worker. @module */

import { IMPORT_BASE } from "../../scheduling/_base/compile.ts";
import { isNameless } from "../../scheduling/_base/own_name.ts";
import {
  type FunctionSource,
  functionSource,
  type TaskFunction,
} from "../../scheduling/function.ts";
import type { ErrorDetails, ErrorRecord } from "../_wire/error_record.ts";
import { missingVariable } from "./missing_variable.ts";

/** A call whose function threw. */
export interface FailedCall {
  readonly function: TaskFunction;
  readonly args: readonly unknown[];
}

interface Failure {
  readonly error: ErrorDetails;
  readonly source: FunctionSource;
  readonly args: readonly unknown[];
}

type Hint = (failure: Failure) => string | undefined;

const NO_IMPORT = /^(?:Module not found |Import "|Relative import path |Requires \w+ access to )/;
const RELATIVE_IMPORT = /\bimport\(\s*["'`]\.{0,2}\//;
const NO_METHOD = /is not (?:a function|(?:async )?iterable)\b|private (?:member|method|field)/;
const NO_THIS = /\bundefined\b|\(intermediate value\)/;
const MAX_VALUES = 1000;

const HINTS: readonly Hint[] = [importHint, overflowHint, methodHint, instanceHint];

/** Adds the likely cause and its remedy to the record of an error. */
export function explainFailure(record: ErrorRecord, call: FailedCall): ErrorRecord {
  if (record.kind !== "error") return record;
  const source = functionSource(call.function);
  const message = explained({ error: record, source, args: call.args });
  if (message === undefined) return record;
  // The stack begins with the message, and the console prints the stack.
  return { ...record, message, stack: record.stack?.replace(record.message, () => message) };
}

function explained(failure: Failure): string | undefined {
  const { type, message } = failure.error;
  if (type === "ReferenceError") return missingVariable(message, failure.source);
  for (const hint of HINTS) {
    const line = hint(failure);
    if (line !== undefined) return `${message}\n${line}`;
  }
  return undefined;
}

function importHint({ error: { message }, source }: Failure): string | undefined {
  if (source.kind !== "source" || !NO_IMPORT.test(message)) return undefined;
  const specifier = /^Import "([^"]+)"/.exec(message)?.[1];
  const isMeant = specifier === undefined
    ? RELATIVE_IMPORT.test(source.source) || message.includes(IMPORT_BASE)
    : source.source.includes(specifier);
  return isMeant
    ? "The import() of a function that crossed as source text is not resolved from your file: use " +
      "fromModule(), or import an absolute URL, such as import.meta.resolve() passed as an argument"
    : undefined;
}

function overflowHint({ error: { type, message }, source }: Failure): string | undefined {
  if (source.kind !== "source" || type !== "RangeError" || !/call stack/.test(message)) {
    return undefined;
  }
  const { name, source: text } = source;
  if (!isNameless(text) || !text.includes(`${name}(`)) return undefined;
  return `By ${name} the function means itself in a worker: if your program has another ${name}, put ` +
    `both into a module and use fromModule()`;
}

function methodHint({ error: { type, message }, source }: Failure): string | undefined {
  if (source.kind !== "source" || type !== "TypeError" || !NO_THIS.test(message)) return undefined;
  if (!/\b(?:this|super)\b/.test(source.source)) return undefined;
  return "Methods have no `this` in a worker, as they cross without their object: pass what they need as " +
    "an argument, or make the object inside the function";
}

function instanceHint({ error: { type, message }, args }: Failure): string | undefined {
  if (type !== "TypeError" || !NO_METHOD.test(message) || !holdsRecord(args)) return undefined;
  return "Class instances arrive as plain objects, without their methods: pass their data, and make " +
    "the instance inside the function";
}

/** Whether the values, or lists, maps and sets of them, hold an object that arrives as a plain one. */
function holdsRecord(values: readonly unknown[]): boolean {
  const seen = new Set(values);
  for (const value of seen) {
    if (typeof value !== "object" || value === null || seen.size > MAX_VALUES) continue;
    if (!(value instanceof Map || value instanceof Set || Array.isArray(value))) {
      if (isCopiedPlainly(value)) return true;
      continue;
    }
    for (const item of value.values()) if (seen.size <= MAX_VALUES) seen.add(item);
  }
  return false;
}

// Classes that survive structured cloning, such as dates and typed arrays, have tags of their own.
function isCopiedPlainly(value: object): boolean {
  try {
    return Object.prototype.toString.call(value) === "[object Object]";
  } catch {
    return false;
  }
}
