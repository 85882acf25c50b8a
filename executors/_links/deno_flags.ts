/** What child processes are given of the user: flags of Deno, and the environment. @module */

import { show } from "../../scheduling/_base/check.ts";

// Prefixes of flags that are not passed on, with the remedy.
const REFUSED: readonly (readonly [prefix: string, remedy: string])[] = [
  ["--allow-", "use the option permissions"],
  ["--deny-", "use the option permissions"],
  ["--ignore-", "use the option permissions"],
  ["--permission", "use the option permissions"],
  ["--config", "use the option config"],
  ["--no-config", "use the option config"],
  ["--inspect", "it would open the processes to whoever connects"],
  ["--watch", "processes run once"],
  ["--hmr", "processes run once"],
  ["--help", "it is no option of a program that runs"],
  ["--version", "it is no option of a program that runs"],
];

const V8_FLAGS = "--v8-flags=";

/** Checks flags: none may grant permissions or bypass other options, and none may be an argument. */
export function checkDenoFlags(flags: unknown): readonly string[] {
  if (!Array.isArray(flags)) {
    throw new TypeError(`denoFlags must be a list such as ["--unstable-kv"], not ${show(flags)}`);
  }
  return flags.map(checkDenoFlag);
}

function checkDenoFlag(flag: unknown): string {
  if (typeof flag !== "string" || !/^--[a-z]/.test(flag)) {
    throw new TypeError(
      `denoFlags must list flags such as "--location=https://example.com", each with its value and ` +
        `by its long name, not ${show(flag)}`,
    );
  }
  for (const [prefix, remedy] of REFUSED) {
    if (flag.startsWith(prefix)) throw new TypeError(`denoFlags cannot pass ${flag} on: ${remedy}`);
  }
  return flag;
}

/** Joins all V8 flags into one, because some versions of Deno accept only one; `last` prevails. */
export function joinV8Flags(given: readonly string[], last: readonly string[]): string[] {
  const isForV8 = (flag: string) => flag.startsWith(V8_FLAGS);
  const forV8 = [...given.filter(isForV8).map((flag) => flag.slice(V8_FLAGS.length)), ...last];
  const others = given.filter((flag) => !isForV8(flag));
  return forV8.length === 0 ? others : [...others, V8_FLAGS + forV8.join(",")];
}

/** The default flags that the user has not overridden. */
export function unlessGiven(own: readonly string[], given: readonly string[]): string[] {
  const names = given.map(nameOf);
  return own.filter((flag) => !names.includes(nameOf(flag).replace(/^--no-lock$/, "--lock")));
}

function nameOf(flag: string): string {
  return flag.split("=", 1)[0] ?? flag;
}

// Deno finds its cache and reaches registries by these. Without them a process would download modules
// again, or fail to.
const READ_BY_DENO = [
  "DENO_DIR",
  "DENO_COVERAGE_DIR",
  "XDG_CACHE_HOME",
  "HOME",
  "JSR_URL",
  "NPM_CONFIG_REGISTRY",
  "DENO_AUTH_TOKENS",
  "DENO_CERT",
  "DENO_TLS_CA_STORE",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "NO_COLOR",
];

/** All variables, or with partial permission only those that Deno itself needs. */
export function environment(): Record<string, string> {
  if (isGranted({ name: "env" })) return Deno.env.toObject();
  const names = READ_BY_DENO.filter((variable) => isGranted({ name: "env", variable }));
  return Object.fromEntries(names.flatMap(entry));
}

function isGranted(descriptor: Deno.EnvPermissionDescriptor): boolean {
  return Deno.permissions.querySync(descriptor).state === "granted";
}

function entry(name: string): [string, string][] {
  const value = Deno.env.get(name);
  return value === undefined ? [] : [[name, value]];
}
