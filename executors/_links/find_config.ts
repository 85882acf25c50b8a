/** Finds what resolves the imports of the user's functions in child processes, as Deno itself does. @module */

import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isPlainObject, show } from "../../scheduling/_base/check.ts";

/** How Deno is to resolve the imports of a project. */
export interface ProjectConfig {
  /** The flags that say so. */
  readonly flags: readonly string[];
  /** A file in whose folder Deno looks by itself, because no flag names a `package.json`. */
  readonly lookBeside?: string;
}

const DENO_CONFIGS = ["deno.json", "deno.jsonc"];
const PACKAGE_JSON = "package.json";
// What Deno reads of a file that `--config` names when it runs a program.
const EFFECTIVE_KEYS = [
  "imports",
  "scopes",
  "importMap",
  "workspace",
  "nodeModulesDir",
  "unstable",
];

/** That of the file that was given, or of the nearest one above the main module. */
export function findConfig(given: string | URL | undefined): ProjectConfig {
  const path = given === undefined ? nearestConfig() : checked(toPath(given));
  if (path === undefined) return { flags: ["--no-config"] };
  const flags = usesNodeModules(dirname(path)) ? [] : ["--node-modules-dir=none"];
  return basename(path) === PACKAGE_JSON
    ? { flags, lookBeside: path }
    : { flags: [`--config=${path}`, ...flags] };
}

function toPath(given: string | URL): string {
  if (!(given instanceof URL) && typeof given !== "string") {
    throw new TypeError(`config must be a path or a file URL, not ${show(given)}`);
  }
  if (!(given instanceof URL) && !given.startsWith("file:")) return resolve(given);
  if (new URL(given).protocol === "file:") return fileURLToPath(given);
  throw new TypeError(`config must be a path or a file URL, not ${given}`);
}

/** The path; throws unless it is that of a file with an effect on imports. */
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
    // With comments it may still be a configuration.
    return path.endsWith(".jsonc");
  }
}

function nearestConfig(): string | undefined {
  const url = programUrl();
  if (url === undefined || !url.startsWith("file:")) return undefined;
  return nearest(dirname(fileURLToPath(url)), [...DENO_CONFIGS, PACKAGE_JSON]);
}

// A Web Worker knows no main module, but its own one.
function programUrl(): string | undefined {
  const { mainModule } = Deno as { mainModule?: string };
  return mainModule ?? (globalThis as { location?: { href: string } }).location?.href;
}

function nearest(folder: string, names: readonly string[]): string | undefined {
  const found = names.map((name) => join(folder, name)).find(isReadable);
  const parent = dirname(folder);
  return found ?? (parent === folder ? undefined : nearest(parent, names));
}

// A program that has a package.json finds npm packages in its node_modules, those of this package too;
// unless it was started with a flag that says otherwise, which then holds for processes as well.
function usesNodeModules(folder: string): boolean {
  if (!isReadable(join(folder, PACKAGE_JSON))) return true;
  return nearest(folder, [join("node_modules", "comlink", PACKAGE_JSON)]) !== undefined;
}

// Asked for, as a look at a file that may not be read would throw, or ask the user.
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
