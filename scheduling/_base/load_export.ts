/** Loads a function from a module, in a worker or in this thread. @module */

import { ModuleLoadError } from "../errors.ts";
import type { AnyFunction } from "./compile.ts";
import { importAfresh, withoutMarks } from "./import_afresh.ts";

type Module = Record<string, unknown>;

interface Failure {
  readonly count: number;
  /** No new import before this time. */
  readonly until: number;
  readonly cause: unknown;
}

// A failed module may load at the next call. One that always fails must not cost time and memory on
// every call, so imports become rarer.
const IMMEDIATE_IMPORTS = 10;
const SHORTEST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

// Kept here because a task may replace the global one.
const clock = performance.now.bind(performance);

const offered = new Map<string, () => Promise<Module>>();
const loads = new Map<string, Promise<Module>>();
const failures = new Map<string, Failure>();

/** Registers loaders for modules that cannot be imported by URL, for lack of permission. */
export function offerModules(loaders: Readonly<Record<string, () => Promise<Module>>>): void {
  for (const [url, load] of Object.entries(loaders)) offered.set(url, load);
}

/**
 * The function that the module at `url` exports as `exportName`. A module that failed to load is
 * loaded again, together with its imports.
 *
 * @throws {ModuleLoadError} when the module cannot be loaded or has no such function.
 */
export async function loadExport(url: string, exportName: string): Promise<AnyFunction> {
  const exported = (await load(url, exportName))[exportName];
  if (typeof exported === "function") return exported as AnyFunction;
  const found = exported === undefined ? "nothing" : `a value of type ${typeof exported}`;
  const message =
    `Cannot load "${exportName}" from ${url}: the module exports ${found} by that name`;
  throw new ModuleLoadError(message, url, exportName);
}

async function load(url: string, exportName: string): Promise<Module> {
  try {
    return await (loads.get(url) ?? start(url));
  } catch (cause) {
    // Loaded on demand: it takes longer to load than all other modules of a worker together.
    const { stripVTControlCharacters } = await import("node:util");
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = stripVTControlCharacters(`Cannot load "${exportName}" from ${url}: ${reason}`);
    throw new ModuleLoadError(withoutMarks(message), url, exportName, { cause });
  }
}

/** Imports a module; calls during and after the import share the result. */
function start(url: string): Promise<Module> {
  const failure = failures.get(url);
  if (failure !== undefined && clock() < failure.until) return Promise.reject(failure.cause);
  const loading = importModule(url, failure !== undefined);
  loads.set(url, loading);
  loading.then(() => failures.delete(url), (cause) => {
    loads.delete(url);
    failures.set(url, nextFailure(failure, cause));
  });
  return loading;
}

function importModule(url: string, again: boolean): Promise<Module> {
  const offer = offered.get(url);
  if (offer !== undefined) return offer();
  return again ? importAfresh(url) : import(url);
}

function nextFailure(last: Failure | undefined, cause: unknown): Failure {
  const count = (last?.count ?? 0) + 1;
  const pause = Math.min(SHORTEST_PAUSE_MS * 2 ** (count - IMMEDIATE_IMPORTS), LONGEST_PAUSE_MS);
  return { count, until: count < IMMEDIATE_IMPORTS ? 0 : clock() + pause, cause };
}
