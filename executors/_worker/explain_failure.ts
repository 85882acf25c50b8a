/** Tells why a function fails in a worker that works in the program it comes from. @module */

import { IMPORT_BASE } from "../../scheduling/_base/compile.ts";
import { isNameless } from "../../scheduling/_base/own_name.ts";
import type { FunctionSource } from "../../scheduling/function.ts";
import type { ErrorRecord } from "../_wire/error_record.ts";
import { missingVariable } from "./missing_variable.ts";

/** A call whose function threw. */
export interface FailedCall {
  readonly source: FunctionSource;
  readonly args: readonly unknown[];
}

type Hint = (message: string, call: FailedCall, error: unknown) => string | undefined;

const NO_IMPORT = /^(?:Module not found |Import "|Relative import path |Requires \w+ access to )/;
const RELATIVE_IMPORT = /\bimport\(\s*["'`]\.{0,2}\//;
const NO_METHOD = /is not (?:a function|(?:async )?iterable)\b|private (?:member|method|field)/;
const NO_THIS = /\bundefined\b|\(intermediate value\)/;
const MAX_VALUES = 1000;

const HINTS: readonly Hint[] = [importHint, overflowHint, methodHint, instanceHint];

/** The record of an error, with what the reader of the function alone would not guess. */
export function explainFailure(record: ErrorRecord, error: unknown, call: FailedCall): ErrorRecord {
  if (record.kind !== "error") return record;
  let message: string | undefined;
  try {
    message = explained(record.message, error, call);
  } catch {
    // The task has replaced a global that this needs.
  }
  if (message === undefined) return record;
  // The console shows an error by its stack, which begins with the message.
  return { ...record, message, stack: record.stack?.replace(record.message, () => message) };
}

function explained(message: string, error: unknown, call: FailedCall): string | undefined {
  if (error instanceof ReferenceError) return missingVariable(message, call.source);
  for (const hint of HINTS) {
    const line = hint(message, call, error);
    if (line !== undefined) return `${message}\n${line}`;
  }
  return undefined;
}

function importHint(message: string, { source }: FailedCall): string | undefined {
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

function overflowHint(message: string, { source }: FailedCall, error: unknown): string | undefined {
  if (source.kind !== "source" || !(error instanceof RangeError)) return undefined;
  const { name, source: text } = source;
  if (!/call stack/.test(message) || !isNameless(text) || !text.includes(`${name}(`)) {
    return undefined;
  }
  return `By ${name} the function means itself in a worker: if your program has another ${name}, put ` +
    `both into a module and use fromModule()`;
}

function methodHint(message: string, { source }: FailedCall, error: unknown): string | undefined {
  if (source.kind !== "source" || !(error instanceof TypeError)) return undefined;
  if (!NO_THIS.test(message) || !/\b(?:this|super)\b/.test(source.source)) return undefined;
  return "Methods have no `this` in a worker, as they cross without their object: pass what they need as " +
    "an argument, or make the object inside the function";
}

function instanceHint(message: string, { args }: FailedCall, error: unknown): string | undefined {
  if (!(error instanceof TypeError) || !NO_METHOD.test(message) || !holdsRecord(args)) {
    return undefined;
  }
  return "Class instances arrive as plain objects, without their methods: pass their data, and make " +
    "the instance inside the function";
}

/** Whether a plain object is among the values, or inside of them as far as one can look. */
function holdsRecord(values: readonly unknown[]): boolean {
  const seen = new Set(values);
  for (const value of seen) {
    if (typeof value !== "object" || value === null || seen.size > MAX_VALUES) continue;
    if (Object.getPrototypeOf(value) === Object.prototype) return true;
    if (value instanceof Map || value instanceof Set || Array.isArray(value)) {
      for (const item of value.values()) if (seen.size <= MAX_VALUES) seen.add(item);
    }
  }
  return false;
}
