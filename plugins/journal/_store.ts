/** The results in the file of a journal. @module */

import { type Database, openDatabase } from "./_database.ts";
import { EqualCalls } from "./_equal_calls.ts";
import { journalError } from "./_sqlite_errors.ts";
import { readResult, type StoredResult, storeResult } from "./_stored_result.ts";
import { JournalError } from "./journal_error.ts";
import { userNow } from "../../scheduling/_base/time.ts";

type Statement = ReturnType<Database["prepare"]>;

/** A row of the table. */
export interface Row extends StoredResult {
  readonly id: number;
  readonly key: string;
  readonly task: string;
  readonly createdAt: number;
}

/** One connection to a file, with the calls of this program whose results are to come. */
export class Store {
  readonly path: string;
  readonly equalCalls: EqualCalls = new EqualCalls();
  readonly #database: Database;
  readonly #statements: ReturnType<typeof prepare>;

  /** @throws {JournalError} when the file cannot be used. */
  constructor(path: string) {
    this.path = path;
    this.#database = openDatabase(path);
    try {
      this.#statements = prepare(this.#database);
    } catch (error) {
      this.#database.close();
      throw journalError("open", path, error);
    }
    this.useFullSync(false);
  }

  /** Whether each result is to be on the disk, and not only with the operating system. */
  useFullSync(isFull: boolean): void {
    this.#database.exec(`PRAGMA synchronous = ${isFull ? "FULL" : "NORMAL"}`);
  }

  /** The result of a key. */
  read(key: string): { readonly result: unknown } | undefined {
    const row = this.#get<StoredResult>(this.#statements.read, key);
    return row === undefined ? undefined : { result: readResult(this.path, key, row) };
  }

  /** Keeps a result; it has survived the end of this program when this returns. */
  write(key: string, task: string, result: unknown): void {
    const { bytes, checksum } = storeResult(this.path, key, task, result);
    const { write } = this.#statements;
    this.#run("write to", () => write.run(key, task, userNow(), bytes, checksum));
  }

  /** Removes a result; false if there is none. */
  delete(key: string): boolean {
    return this.#run("write to", () => this.#statements.delete.run(key)).changes > 0;
  }

  /** All rows in the order of writing, or those of one task. The table may change meanwhile. */
  *rows(task: string | undefined): Generator<Row, void, void> {
    const { next } = this.#statements;
    const name = task ?? null;
    for (let last = 0;;) {
      // One at a time, because results may be large.
      const row = this.#get<Row>(next, last, name, name);
      if (row === undefined) return;
      yield row;
      last = row.id;
    }
  }

  close(): void {
    this.#database.close();
  }

  #get<T>(statement: Statement, ...values: (string | number | null)[]): T | undefined {
    return this.#run("read", () => statement.get(...values)) as unknown as T | undefined;
  }

  #run<T>(action: string, run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw error instanceof JournalError ? error : journalError(action, this.path, error);
    }
  }
}

function prepare(database: Database): Record<"read" | "write" | "delete" | "next", Statement> {
  return {
    read: database.prepare("SELECT result AS bytes, checksum FROM results WHERE key = ?"),
    write: database.prepare(
      `INSERT INTO results (key, task, created_at, result, checksum) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET task = excluded.task, created_at = excluded.created_at,
         result = excluded.result, checksum = excluded.checksum`,
    ),
    delete: database.prepare("DELETE FROM results WHERE key = ?"),
    next: database.prepare(
      `SELECT id, key, task, created_at AS createdAt, result AS bytes, checksum FROM results
       WHERE id > ? AND (? IS NULL OR task = ?) ORDER BY id LIMIT 1`,
    ),
  };
}

/** A store, for one of its users. */
export interface StoreLease {
  readonly store: Store;
  /** Closes the store if it has no other user. */
  release(): void;
}

interface OpenStore {
  readonly store: Store;
  users: number;
}

const open = new Map<string, OpenStore>();

/**
 * Opens a file, or uses the store that is open. Once a user wants full synchronization, it stays.
 *
 * @throws {JournalError} when the file cannot be used.
 */
export function leaseStore(path: string, isFullSync: boolean): StoreLease {
  const found = open.get(identityOf(path) ?? "");
  const entry = found ?? { store: new Store(path), users: 0 };
  const identity = identityOf(path) ?? path;
  open.set(identity, entry);
  entry.users++;
  if (isFullSync) entry.store.useFullSync(true);
  return {
    store: entry.store,
    release() {
      if (--entry.users > 0) return;
      open.delete(identity);
      entry.store.close();
    },
  };
}

/** What all paths of a file have in common; undefined if it does not exist. */
function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = Deno.statSync(path);
    return ino === null ? path : `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
