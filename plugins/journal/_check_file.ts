/** Creates the file of a journal, and refuses other files without touching them. @module */

import { builtin } from "./_builtin.ts";
import { JournalError } from "./journal_error.ts";
import { journalError, needsWriting } from "./_sqlite_errors.ts";

/** Marks the file of a journal: "AMLJ". */
export const APPLICATION_ID = 0x414d4c4a;
/** The version of the tables. */
export const FORMAT = 1;

const MAGIC = "SQLite format 3\0";
const HEADER_SIZE = 100;
// Places in the header of the file format.
const FORMAT_AT = 60;
const APPLICATION_ID_AT = 68;
// Larger files are not read as a whole: their damage is noticed when it is met.
const MAX_CHECKED_SIZE = 64 * 2 ** 20;
const OWNER_ONLY = 0o600;
const ALL_OTHERS = 0o077;

/**
 * Creates the file if it does not exist, for this user alone.
 *
 * @throws {JournalError} when it is not a journal, is of a newer version, or is damaged.
 */
export function prepareFile(path: string): void {
  try {
    createFile(path);
    const size = checkHeader(path);
    if (size > 0) checkContent(path, size <= MAX_CHECKED_SIZE);
    // Only now, because a file that is refused stays as it is.
    restrict(path);
  } catch (error) {
    throw explain(error, path);
  }
}

function createFile(path: string): void {
  try {
    Deno.openSync(path, { write: true, createNew: true, mode: OWNER_ONLY }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}

/** The size of the file; throws unless it is empty or a journal. */
function checkHeader(path: string): number {
  const header = new Uint8Array(HEADER_SIZE);
  using file = Deno.openSync(path, { read: true });
  const { size, isFile } = file.statSync();
  if (!isFile) throw new JournalError(`Cannot open the journal ${path}: it is not a file`, path);
  if (size === 0) return 0;
  file.readSync(header);
  if (new TextDecoder().decode(header.subarray(0, MAGIC.length)) !== MAGIC) throw foreign(path);
  const view = new DataView(header.buffer);
  if (view.getUint32(APPLICATION_ID_AT) !== APPLICATION_ID) throw foreign(path);
  checkFormat(path, view.getUint32(FORMAT_AT));
  return size;
}

function checkFormat(path: string, format: number): void {
  if (format <= FORMAT) return;
  throw new JournalError(
    `Cannot open the journal ${path}: a newer version of this package has written it; ` +
      `update the package, or use another path`,
    path,
  );
}

function foreign(path: string): JournalError {
  return new JournalError(
    `Cannot open the journal ${path}: the file is not a journal; use another path`,
    path,
  );
}

/** Checks what is in the file or still in its log. Read-only, so that nothing is changed. */
function checkContent(path: string, isWhole: boolean): void {
  const { DatabaseSync } = builtin("node:sqlite");
  try {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      database.exec("PRAGMA busy_timeout = 10000");
      checkFormat(path, Number(database.prepare("PRAGMA user_version").get()?.["user_version"]));
      const found = isWhole && database.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
      if (isWhole && found !== "ok") throw damaged(path, String(found));
    } finally {
      database.close();
    }
  } catch (error) {
    // A program was killed while it created the file; a connection that may write repairs that.
    if (!needsWriting(error)) throw error;
  }
}

function damaged(path: string, detail: string): JournalError {
  return new JournalError(
    `Cannot open the journal ${path}: it is damaged (${detail}); move it away to begin another one`,
    path,
  );
}

// Another program may have copied it with wider permissions.
function restrict(path: string): void {
  const { mode } = Deno.statSync(path);
  if (mode !== null && (mode & ALL_OTHERS) !== 0) Deno.chmodSync(path, OWNER_ONLY);
}

function explain(error: unknown, path: string): unknown {
  if (error instanceof Deno.errors.NotCapable) {
    return new JournalError(
      `Cannot open the journal ${path}: allow it with --allow-read=${path} --allow-write=${path}`,
      path,
      { cause: error },
    );
  }
  return journalError("open", path, error);
}
