/**
 * Keeps the results of calls in a file, so that none is computed twice.
 *
 * @module
 */

import { checkFunction, ownOptions, show } from "../../scheduling/_base/check.ts";
import { requireDeno, type Version } from "../../scheduling/_base/deno_version.ts";
import type { AnyTask, Future } from "../../scheduling/future.ts";
import type { CallOutcome, Plugin, StartingCall, ThisFuture } from "../../scheduling/plugin.ts";
import { builtin } from "./_builtin.ts";
import { callKey, type KeySettings } from "./_call_key.ts";
import { FunctionParts } from "./_function_parts.ts";
import { newHash } from "./_hash.ts";
import { leaseStore, type Store, type StoreLease } from "./_store.ts";
import { readResult } from "./_stored_result.ts";
import { JournalError } from "./journal_error.ts";

/**
 * The event that {@linkcode Journal} adds.
 *
 * @example Count known results
 * ```ts
 * import { Journal, type JournalEvents, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const path = Deno.makeTempFileSync();
 * using journal = new Journal({ path });
 * const scheduler = Scheduler.withWorkers(1);
 * const square = scheduler.task((n: number) => n * n, { plugins: journal });
 * const name: keyof JournalEvents = "journal-hit";
 * scheduler.onStart(() => {
 *   for (const n of [1, 2, 1]) square.submit(n);
 * });
 * await scheduler.run();
 * assertEquals(square.eventCounts[name], 1);
 * Deno.removeSync(path);
 * ```
 *
 * @category Plugins
 */
export type JournalEvents = {
  /** A call has its result from the journal. Emitted right before `future-done`. */
  "journal-hit": [ThisFuture, result: unknown];
};

/**
 * Options of {@linkcode Journal}.
 *
 * @example Another version of what the function imports
 * ```ts
 * import { Journal, type JournalOptions, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const path = Deno.makeTempFileSync();
 * const options: JournalOptions = { path, version: "data of May" };
 * using journal = new Journal(options);
 * const scheduler = Scheduler.withWorkers(1);
 * const train = scheduler.task((depth: number) => 1 / depth, { plugins: journal });
 * scheduler.onStart(async () => assertEquals(await train.submit(4), 0.25));
 * await scheduler.run();
 * Deno.removeSync(path);
 * ```
 *
 * @category Plugins
 */
export interface JournalOptions {
  /** The file, made if it does not exist, in a folder that does. Its URL is taken as well. */
  path: string | URL;
  /**
   * Part of each key. Change it when what the function imports or reads changes: results of other
   * versions are not found then.
   */
  version?: string | number | undefined;
  /**
   * Returns what counts in place of the arguments, such as the name of a data set in place of its
   * rows: any value that can be cloned. It is called with the arguments of the call, without injected
   * ones, which count besides. If it throws, the call fails.
   */
  // deno-lint-ignore no-explicit-any -- the parameters are those of the task
  key?: ((...args: any[]) => unknown) | undefined;
  /**
   * What a result survives from its `future-done` on: with `"normal"`, the end of the program, by
   * `kill -9` too, but perhaps not that of the system; with `"full"`, power loss as well, at the cost
   * of a flush of the disk each. @default {"normal"}
   */
  synchronous?: "normal" | "full" | undefined;
}

/**
 * A result that a journal holds.
 *
 * @example Print what is there
 * ```ts
 * import { Journal, type JournalEntry, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const path = Deno.makeTempFileSync();
 * using journal = new Journal({ path });
 * const scheduler = Scheduler.withSequential();
 * const square = scheduler.task((n: number) => n * n, { name: "square", plugins: journal });
 * scheduler.onStart(() => {
 *   square.submit(3);
 * });
 * await scheduler.run();
 * const show = ({ task, result }: JournalEntry) => `${task}: ${result}`;
 * assertEquals([...journal.entries()].map(show), ["square: 9"]);
 * Deno.removeSync(path);
 * ```
 *
 * @category Plugins
 */
export interface JournalEntry {
  /** The key of the call in hexadecimal, for {@linkcode Journal.delete}. */
  readonly key: string;
  /** The name of the task. */
  readonly task: string;
  /** The result, as a copy. */
  readonly result: unknown;
  /** When it was written, in milliseconds since 1970. */
  readonly createdAt: number;
}

// Earlier ones serialize values differently and name fewer errors of SQLite.
const LOWEST: Version = [2, 9, 2];

const OPTIONS = ["path", "version", "key", "synchronous"] as const;

/**
 * Keeps the results of a task in a file of SQLite. A call whose result is there settles without a worker:
 * it emits `journal-hit`, and otherwise the events of every call. A result is written before `future-done`,
 * so that one whose event was seen is found after a crash. Errors are not written.
 *
 * A call is known by the name of its task, its function, its arguments and injected arguments, and
 * `version`. The function counts by its text, or by the URL, export and text of its module; not by what
 * it imports or captures. Of two equal calls at a time, the second waits, and runs if the first gives no
 * result.
 *
 * Journals of several tasks, and of several programs, may use one file at a time. It is readable for
 * this user alone. Where it cannot be written to, for example because the disk is full, the call settles
 * with its result, and the `run` part of `onException` judges the `JournalError`.
 *
 * @example Compute once
 * ```ts
 * import { Journal, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const path = Deno.makeTempFileSync();
 * for (const hits of [0, 1]) {
 *   using journal = new Journal({ path });
 *   const scheduler = Scheduler.withWorkers(2);
 *   const train = scheduler.task((depth: number) => ({ score: 1 / depth }), {
 *     name: "train",
 *     plugins: journal,
 *   });
 *   scheduler.onStart(async () => assertEquals(await train.submit(4), { score: 0.25 }));
 *   await scheduler.run();
 *   assertEquals(journal.statistics(), { path, hits, misses: 1 - hits });
 * }
 * Deno.removeSync(path);
 * ```
 *
 * @category Plugins
 */
export class Journal implements Plugin<JournalEvents>, Disposable {
  /** Its name. */
  readonly name = "journal";
  /** The name of the event that it adds. */
  readonly events: readonly (keyof JournalEvents)[] = ["journal-hit"];
  /** Types only, never present. */
  declare readonly types?: { events: JournalEvents; injects: never };
  readonly #path: string;
  readonly #keys: KeySettings;
  #lease: StoreLease | undefined;
  // What was found, until its event is emitted.
  readonly #hitFutures = new WeakSet<Future>();
  // What this program computes.
  readonly #calls = new WeakMap<Future, { readonly key: string; isWritten: boolean }>();
  #hits = 0;
  #misses = 0;

  /**
   * Opens the file, or creates it.
   *
   * @param options The path; what else is part of each key.
   * @throws {JournalError} when the file is damaged, of another program or of a newer version, which
   * leaves it as it was; when it cannot be opened.
   * @throws {TypeError} when an option is unknown or of the wrong type, or Deno is older than 2.9.2.
   */
  constructor(options: JournalOptions) {
    const own = ownOptions("A Journal", options, OPTIONS);
    const { version, key, synchronous = "normal" } = own;
    this.#path = checkPath(own.path);
    checkVersion(version);
    if (key !== undefined) checkFunction("key", key);
    if (synchronous !== "normal" && synchronous !== "full") {
      throw new TypeError(`synchronous must be "normal" or "full", not ${show(synchronous)}`);
    }
    requireDeno("Journal", LOWEST);
    // Loads what it needs now: Deno runs all queued microtasks meanwhile, and later a call would be half
    // submitted.
    newHash();
    const functionParts = new FunctionParts(this.#path);
    this.#keys = { path: this.#path, version, key, functionParts };
    this.#lease = leaseStore(this.#path, synchronous === "full");
  }

  /**
   * Checks the function of a task.
   *
   * @param task The task.
   * @throws {JournalError} when the function cannot be part of a key, or its module may not be read.
   */
  attachTask(task: AnyTask): void {
    this.#keys.functionParts.of(task.name, task.function);
  }

  /**
   * Looks a call up. One that equals a call under way waits for it.
   *
   * @param future The future.
   * @param call What will be called.
   * @returns the result, if it is known.
   * @throws {JournalError} when the call has no key, or the file cannot be read.
   */
  preStart(
    future: Future,
    call: StartingCall,
  ): void | { result: unknown } | Promise<void | { result: unknown }> {
    return this.#claim(future, callKey(this.#keys, future.taskName, call));
  }

  /**
   * Writes a result, or emits `journal-hit` for one that is known.
   *
   * @param future The future.
   * @param outcome What it is to settle with.
   * @throws {JournalError} when the result cannot be written.
   */
  preSettle(future: Future, outcome: CallOutcome): void {
    if (this.#hitFutures.delete(future) && "result" in outcome) {
      future.task?.emit("journal-hit", future, outcome.result);
    }
    const call = this.#calls.get(future);
    if (call === undefined) return;
    if ("result" in outcome) this.#store.write(call.key, future.taskName, outcome.result);
    // A plugin had the call tried again in spite of its result.
    else if (call.isWritten) this.#store.delete(call.key);
    call.isWritten = "result" in outcome;
  }

  /**
   * The results in the file, in the order of writing. Results may be added and deleted meanwhile.
   *
   * @param options `task` is the name of the task whose results to list, by default all.
   * @returns the entries, read as they are iterated over.
   * @throws {JournalError} when the file or a result cannot be read.
   *
   * @example The best result
   * ```ts
   * import { Journal } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const path = Deno.makeTempFileSync();
   * using journal = new Journal({ path });
   * const scores = [...journal.entries({ task: "train" })].map(({ result }) => Number(result));
   * assertEquals(Math.max(...scores), -Infinity);
   * Deno.removeSync(path);
   * ```
   */
  *entries(
    options: { readonly task?: string | undefined } = {},
  ): Generator<JournalEntry, void, void> {
    const { task } = ownOptions("entries()", options, ["task"]);
    if (task !== undefined && typeof task !== "string") {
      throw new TypeError(`task must be the name of a task, not ${show(task)}`);
    }
    for (const { key, task: name, createdAt, ...stored } of this.#store.rows(task)) {
      const result = readResult(this.#path, key, stored);
      yield { key, task: name, result, createdAt };
    }
  }

  /**
   * Removes a result. The next call with its key is computed.
   *
   * @param key The key of an entry.
   * @returns whether it was there.
   * @throws {JournalError} when the file cannot be written to.
   *
   * @example Forget all results of a task
   * ```ts
   * import { Journal } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const path = Deno.makeTempFileSync();
   * using journal = new Journal({ path });
   * for (const { key } of journal.entries({ task: "train" })) journal.delete(key);
   * assertEquals([...journal.entries()], []);
   * Deno.removeSync(path);
   * ```
   */
  delete(key: string): boolean {
    if (typeof key !== "string") {
      throw new TypeError(`The key must be that of an entry, not ${show(key)}`);
    }
    return this.#store.delete(key);
  }

  /**
   * The path, and how many calls of the task were found and not found, for the tree.
   *
   * @returns a record.
   */
  statistics(): Readonly<Record<string, string | number>> {
    return { path: this.#path, hits: this.#hits, misses: this.#misses };
  }

  /**
   * Closes the file, when all journals of this program that use it are closed. Closing again does nothing.
   * The open file keeps no program alive, and one that ends without closing it loses nothing.
   *
   * @example Close it at the end of a block
   * ```ts
   * import { Journal, JournalError } from "@amltk/scheduling";
   * import { assertThrows } from "@std/assert";
   *
   * const path = Deno.makeTempFileSync();
   * const journal = new Journal({ path });
   * {
   *   using _closed = journal;
   * }
   * assertThrows(() => journal.delete("0"), JournalError, "closed");
   * Deno.removeSync(path);
   * ```
   */
  close(): void {
    this.#lease?.release();
    this.#lease = undefined;
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    this.close();
  }

  get #store(): Store {
    if (this.#lease !== undefined) return this.#lease.store;
    throw new JournalError(`The journal ${this.#path} is closed: make another one`, this.#path);
  }

  #claim(
    future: Future,
    key: string,
  ): void | { result: unknown } | Promise<void | { result: unknown }> {
    const store = this.#store;
    const known = this.#find(store, future, key);
    if (known !== undefined) return known;
    if (store.equalCalls.isUnderWay(key)) return this.#waitInLine(store, future, key);
    this.#lead(store, future, key);
  }

  async #waitInLine(
    store: Store,
    future: Future,
    key: string,
  ): Promise<void | { result: unknown }> {
    await store.equalCalls.wait(key);
    let leads = false;
    try {
      // Cancelled while it waited.
      if (future.settledAt !== undefined) return;
      const known = this.#find(this.#store, future, key);
      if (known !== undefined) return known;
      this.#lead(store, future, key);
      leads = true;
    } finally {
      if (!leads) store.equalCalls.letNextGo(key);
    }
  }

  #find(store: Store, future: Future, key: string): { result: unknown } | undefined {
    const known = store.read(key);
    if (known === undefined) return undefined;
    this.#hits++;
    this.#hitFutures.add(future);
    return known;
  }

  #lead(store: Store, future: Future, key: string): void {
    this.#misses++;
    this.#calls.set(future, { key, isWritten: false });
    store.equalCalls.lead(key, future);
  }
}

function checkPath(path: unknown): string {
  if (path instanceof URL && path.protocol === "file:") {
    return builtin("node:url").fileURLToPath(path);
  }
  if (typeof path === "string" && path !== "") return path;
  throw new TypeError(`path must be the path of a file or its URL, not ${show(path)}`);
}

function checkVersion(version: unknown): void {
  if (version === undefined || typeof version === "string" || typeof version === "number") return;
  throw new TypeError(`version must be a string or a number, not ${show(version)}`);
}
