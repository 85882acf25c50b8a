/** Results as the bytes that a journal keeps. @module */

import { type Medium, RefusedError } from "../../scheduling/_base/medium.ts";
import { valueError } from "../../scheduling/_base/uncloneable.ts";
import { deserialize, PROCESSES, serialize } from "../../scheduling/_base/v8_values.ts";
import { newHash } from "./_hash.ts";
import { JournalError } from "./journal_error.ts";

/** What a journal can keep: what can cross to a process. */
const STORED: Medium = { ...PROCESSES, verdict: "cannot be stored" };

/** The bytes of a result, and what shows that they are unchanged. */
export interface StoredResult {
  readonly bytes: Uint8Array;
  readonly checksum: string;
}

/**
 * The bytes of a result that can be read again.
 *
 * @throws {JournalError} when it cannot be stored.
 */
export function storeResult(
  path: string,
  key: string,
  task: string,
  result: unknown,
): StoredResult {
  try {
    const bytes = serialize(result);
    // What is nested too deeply can be written and not read.
    if (typeof result === "object") deserialize(bytes);
    return { bytes, checksum: checksumOf(key, bytes) };
  } catch (error) {
    const cause = error instanceof RefusedError ? error.cause : error;
    const { message } = valueError(
      `The result of ${task}`,
      result,
      new RefusedError(STORED, cause),
      "return",
    );
    throw new JournalError(`${message}; the journal ${path} does not hold it`, path, { cause });
  }
}

/**
 * The result of checked bytes.
 *
 * @throws {JournalError} when they have changed or cannot be read.
 */
export function readResult(path: string, key: string, stored: StoredResult): unknown {
  const { bytes, checksum } = stored;
  if (checksumOf(key, bytes) !== checksum) throw unreadable(path, key, "its bytes changed");
  try {
    return deserialize(bytes);
  } catch (cause) {
    throw unreadable(path, key, "this version of Deno cannot read it", cause);
  }
}

function unreadable(path: string, key: string, why: string, cause?: unknown): JournalError {
  return new JournalError(
    `Cannot read a result in the journal ${path}: ${why}; delete("${key}") removes it`,
    path,
    { cause },
  );
}

function checksumOf(key: string, bytes: Uint8Array): string {
  return newHash().update(key).update(bytes).digest("hex");
}
