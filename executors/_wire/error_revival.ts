/** Recreates thrown values from their records, with the classes that both sides have. @module */

import { rememberClasses } from "../../scheduling/_base/error_class_names.ts";
import { withoutMarks } from "../../scheduling/_base/import_afresh.ts";
import { type ErrorDetails, type ErrorRecord, sharedClasses } from "./error_record.ts";
import { readableStack } from "./readable_stack.ts";

/** Recreates a thrown value; its stack names the task, if given. */
export function fromErrorRecord(record: ErrorRecord, task?: string): unknown {
  return new Reviver(task).revive(record);
}

class Reviver {
  readonly #errors = new Map<ErrorRecord, Error>();
  readonly #task: string | undefined;

  constructor(task: string | undefined) {
    this.#task = task;
  }

  revive(record: ErrorRecord): unknown {
    if (record.kind === "value") return reviveValue(record);
    return this.#errors.get(record) ?? this.#reviveError(record);
  }

  #reviveError(record: ErrorDetails): Error {
    const error = make(record);
    this.#errors.set(record, error);
    rememberClasses(error, record.classes);
    for (const [key, value] of record.fields) define(error, key, value, true);
    if (error.name !== record.name) define(error, "name", record.name);
    const stack = record.stack === undefined ? undefined : readableStack(record.stack, this.#task);
    define(error, "stack", stack);
    if (record.cause !== undefined) define(error, "cause", this.revive(record.cause));
    if (record.suppressed !== undefined) {
      define(error, "error", this.revive(record.suppressed.error));
      define(error, "suppressed", this.revive(record.suppressed.suppressed));
    }
    if (record.errors !== undefined) {
      define(error, "errors", record.errors.map((each) => this.revive(each)));
    }
    return error;
  }
}

function reviveValue({ value, classes }: ErrorRecord & { kind: "value" }): unknown {
  if (classes !== undefined && typeof value === "object" && value !== null) {
    rememberClasses(value, classes);
  }
  return value;
}

function make({ type, message, name }: ErrorDetails): Error {
  const text = withoutMarks(message);
  if (type === "DOMException") return new DOMException(text, name);
  const error = new Error(text);
  // Bypasses the constructor, because classes of this package take more than a message.
  return Object.setPrototypeOf(error, (sharedClasses.get(type) ?? Error).prototype);
}

function define(error: Error, key: string, value: unknown, enumerable = false): void {
  Object.defineProperty(error, key, { value, enumerable, configurable: true, writable: true });
}
