/** Loads a function from a module, in a worker or in this thread. @module */

import { ModuleLoadError } from "../errors.ts";
import type { AnyFunction } from "./compile.ts";

type Module = Record<string, unknown>;

const offered = new Map<string, () => Promise<Module>>();

/** Says how modules are loaded that may not be imported by their URL, for lack of permission. */
export function offerModules(loaders: Readonly<Record<string, () => Promise<Module>>>): void {
  for (const [url, load] of Object.entries(loaders)) offered.set(url, load);
}

/**
 * The function that the module at `url` exports as `exportName`.
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
    return await (offered.get(url)?.() ?? import(url));
  } catch (cause) {
    // Loaded here, as it takes longer than all else that a worker loads.
    const { stripVTControlCharacters } = await import("node:util");
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = stripVTControlCharacters(`Cannot load "${exportName}" from ${url}: ${reason}`);
    throw new ModuleLoadError(message, url, exportName, { cause });
  }
}
