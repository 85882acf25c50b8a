/** Opens the database of a journal. @module */

import { now } from "../../scheduling/_base/time.ts";
import { builtin } from "./_builtin.ts";
import { APPLICATION_ID, FORMAT, prepareFile } from "./_check_file.ts";
import { isBusy, journalError } from "./_sqlite_errors.ts";

/** An open database. */
export type Database = InstanceType<typeof import("node:sqlite").DatabaseSync>;

// How long another program may hold a lock.
const PATIENCE = 10_000;
const PAUSE = 5;

const SCHEMA = `
  CREATE TABLE results (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    task TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    result BLOB NOT NULL,
    checksum TEXT NOT NULL
  ) STRICT;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${FORMAT};
`;

/**
 * Opens the database of a journal, and creates it if there is none.
 *
 * @throws {JournalError} when it cannot be opened; the file is unchanged then.
 */
export function openDatabase(path: string): Database {
  prepareFile(path);
  try {
    const { DatabaseSync } = builtin("node:sqlite");
    const database = new DatabaseSync(path);
    try {
      database.exec(`PRAGMA busy_timeout = ${PATIENCE}`);
      if (formatOf(database) === 0) create(database);
      useLog(database);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    throw journalError("open", path, error);
  }
}

function create(database: Database): void {
  // Several programs may create it at once. In one transaction, so that a program that is killed leaves
  // no file that is neither empty nor a journal.
  execute(database, "BEGIN EXCLUSIVE");
  try {
    if (formatOf(database) === 0) database.exec(SCHEMA);
    execute(database, "COMMIT");
  } catch (error) {
    rollBack(database);
    throw error;
  }
}

/** Executes one statement. Unlike those of `exec()`, its errors have the numbers of SQLite. */
function execute(database: Database, statement: string): void {
  database.prepare(statement).run();
}

function rollBack(database: Database): void {
  try {
    database.exec("ROLLBACK");
  } catch {
    // SQLite has done so itself, as it does when the disk is full.
  }
}

function formatOf(database: Database): number {
  return Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
}

/** Switches to a write-ahead log, for which SQLite does not wait for other connections. */
function useLog(database: Database): void {
  for (const start = now();;) {
    try {
      return execute(database, "PRAGMA journal_mode = WAL");
    } catch (error) {
      if (!isBusy(error) || now() - start > PATIENCE) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    }
  }
}
