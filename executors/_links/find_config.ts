/** Finds the configuration that resolves imports in child processes, as Deno itself does. @module */

import { basename, dirname, join, resolve } from "node:path";
import process from "node:process";
import { isPlainObject, show } from "../../scheduling/_base/check.ts";

/** How Deno resolves the imports of a project. */
export interface ProjectConfig {
  /** The flags for Deno. */
  readonly flags: readonly string[];
  /** A file whose folder Deno searches on its own, because no flag can name a `package.json`. */
  readonly lookBeside?: string;
}

const DENO_CONFIGS = ["deno.json", "deno.jsonc"];
const PACKAGE_JSON = "package.json";
// The keys of a `--config` file that affect a running program.
const EFFECTIVE_KEYS = [
  "imports",
  "scopes",
  "importMap",
  "workspace",
  "nodeModulesDir",
  "unstable",
];

/** The configuration in the given file, or in the nearest one above the main module. */
export function findConfig(given: string | URL | undefined): ProjectConfig {
  const path = given === undefined ? nearestConfig() : checked(toPath(given));
  if (path === undefined) return { flags: ["--no-config"] };
  const flags = usesNodeModules(dirname(path)) ? [] : ["--node-modules-dir=none"];
  return basename(path) === PACKAGE_JSON
    ? { flags, lookBeside: path }
    : { flags: [`--config=${path}`, ...flags] };
}

// Not imported statically, because that takes longer than to load ten modules of this package.
function pathOf(url: string | URL): string {
  return process.getBuiltinModule("node:url").fileURLToPath(url);
}

function toPath(given: string | URL): string {
  if (!(given instanceof URL) && typeof given !== "string") {
    throw new TypeError(`config must be a path or a file URL, not ${show(given)}`);
  }
  if (!(given instanceof URL) && !given.startsWith("file:")) return resolve(given);
  if (new URL(given).protocol === "file:") return pathOf(given);
  throw new TypeError(`config must be a path or a file URL, not ${given}`);
}

/** Returns the path; throws unless its file affects imports. */
function checked(path: string): string {
  if (!isReadable(path)) {
    throw new TypeError(`config names no file that can be read: ${show(path)}`);
  }
  if ([...DENO_CONFIGS, PACKAGE_JSON].includes(basename(path)) || hasEffect(path)) return path;
  throw new TypeError(
    `config names a file without effect on imports: ${
      show(path)
    }; name a deno.json, a package.json ` +
      `or an import map`,
  );
}

function hasEffect(path: string): boolean {
  try {
    const config: unknown = JSON.parse(Deno.readTextFileSync(path));
    return isPlainObject(config) && EFFECTIVE_KEYS.some((key) => Object.hasOwn(config, key));
  } catch {
    // Comments are valid in it, but JSON.parse() rejects them.
    return path.endsWith(".jsonc");
  }
}

function nearestConfig(): string | undefined {
  const url = programUrl();
  if (url === undefined || !url.startsWith("file:")) return undefined;
  return nearest(dirname(pathOf(url)), [...DENO_CONFIGS, PACKAGE_JSON]);
}

// A Web Worker has no main module; its own module takes its place.
function programUrl(): string | undefined {
  const { mainModule } = Deno as { mainModule?: string };
  return mainModule ?? (globalThis as { location?: { href: string } }).location?.href;
}

function nearest(folder: string, names: readonly string[]): string | undefined {
  const found = names.map((name) => join(folder, name)).find(isReadable);
  const parent = dirname(folder);
  return found ?? (parent === folder ? undefined : nearest(parent, names));
}

// Beside a package.json, Deno finds npm packages in node_modules, comlink included. If comlink is not
// there, the program was started with a flag against that, which must hold for processes as well.
function usesNodeModules(folder: string): boolean {
  if (!isReadable(join(folder, PACKAGE_JSON))) return true;
  return nearest(folder, [join("node_modules", "comlink", PACKAGE_JSON)]) !== undefined;
}

// Checks the permission first, because without it a look at the file would throw or prompt the user.
function isReadable(path: string): boolean {
  const { state } = Deno.permissions.querySync({ name: "read", path });
  return state === "granted" && isFile(path);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
