/** The thrown values of records, with the classes that this side has. @module */

import { rememberClasses } from "../../scheduling/_base/error_class_names.ts";
import { type ErrorDetails, type ErrorRecord, sharedClasses } from "./error_record.ts";

/** The thrown value of a record. */
export function fromErrorRecord(record: ErrorRecord): unknown {
  return new Reviver().revive(record);
}

class Reviver {
  readonly #errors = new Map<ErrorRecord, Error>();

  revive(record: ErrorRecord): unknown {
    if (record.kind === "value") return record.value;
    return this.#errors.get(record) ?? this.#reviveError(record);
  }

  #reviveError(record: ErrorDetails): Error {
    const error = make(record);
    this.#errors.set(record, error);
    rememberClasses(error, record.classes);
    for (const [key, value] of record.fields) define(error, key, value, true);
    if (error.name !== record.name) define(error, "name", record.name);
    define(error, "stack", record.stack);
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

function make({ type, message, name }: ErrorDetails): Error {
  if (type === "DOMException") return new DOMException(message, name);
  const error = new Error(message);
  // Not by the class's constructor: those of this package take other arguments than a message.
  return Object.setPrototypeOf(error, (sharedClasses.get(type) ?? Error).prototype);
}

function define(error: Error, key: string, value: unknown, enumerable = false): void {
  Object.defineProperty(error, key, { value, enumerable, configurable: true, writable: true });
}
