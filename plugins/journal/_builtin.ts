/** Loads modules of the platform when they are first needed: most programs keep no journal. @module */

import process from "node:process";

interface Builtins {
  "node:crypto": typeof import("node:crypto");
  "node:sqlite": typeof import("node:sqlite");
}

const loaded: Partial<Builtins> = {};

/**
 * A module of the platform.
 *
 * @throws {TypeError} when this runtime does not have it.
 */
export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] {
  const module = loaded[name] ?? process.getBuiltinModule?.(name) as Builtins[Name] | undefined;
  if (module !== undefined) return loaded[name] = module;
  throw new TypeError(`Journal needs ${name}, which this runtime lacks: run "deno upgrade"`);
}
