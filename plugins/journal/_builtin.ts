/** Loads modules of the platform when they are first needed: most programs keep no journal. @module */

import process from "node:process";

interface Builtins {
  "node:crypto": typeof import("node:crypto");
  "node:sqlite": typeof import("node:sqlite");
  "node:url": typeof import("node:url");
}

const loaded = new Map<string, unknown>();

/**
 * A module of the platform.
 *
 * @throws {TypeError} when this runtime does not have it.
 */
export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] {
  const module = loaded.get(name) ?? process.getBuiltinModule?.(name);
  loaded.set(name, module);
  if (module !== undefined) return module as Builtins[Name];
  throw new TypeError(`Journal needs ${name}, which this runtime lacks: run "deno upgrade"`);
}
