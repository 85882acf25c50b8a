/** Explains the errors of SQLite. @module */

import { JournalError } from "./journal_error.ts";

const BUSY = 5;
const READ_ONLY = 8;
const IO_ERROR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const TOO_BIG = 18;
const NOT_A_DATABASE = 26;

const REASONS: ReadonlyMap<number, string> = new Map([
  [BUSY, "another program has locked it for too long: end that program, or wait for it"],
  [READ_ONLY, "it must not be written to: change the permissions of the file and its folder"],
  [IO_ERROR, "the disk refused it: free space, or raise the limit of file sizes"],
  [CORRUPT, "it is damaged: move it away to begin another one"],
  [FULL, "the disk is full: free space"],
  [CANNOT_OPEN, "the file, or one beside it, cannot be opened: check the folder's permissions"],
  [TOO_BIG, "the result is larger than SQLite takes: return less, or the path of a file"],
  [NOT_A_DATABASE, "it is damaged: move it away to begin another one"],
]);

/** The number of an error of SQLite; undefined for another error. */
export function sqliteCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | null | undefined)?.errcode;
  // Its low byte is the kind; the others are details.
  return typeof code === "number" ? code & 0xff : undefined;
}

/** Whether another connection holds a lock. */
export function isBusy(error: unknown): boolean {
  return sqliteCode(error) === BUSY;
}

/** Whether a connection could not read because it must not write. */
export function needsWriting(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === READ_ONLY || code === CANNOT_OPEN;
}

/** The error of a journal; `action` is what could not be done: `write to`. */
export function journalError(action: string, path: string, cause: unknown): JournalError {
  if (cause instanceof JournalError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  const reason = REASONS.get(sqliteCode(cause) ?? -1);
  const message = `Cannot ${action} the journal ${path}: `;
  return new JournalError(
    message + (reason === undefined ? text : `${reason} (${text})`),
    path,
    { cause },
  );
}
