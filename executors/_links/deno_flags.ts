/** Flags of Deno that the user passes on to child processes. @module */

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
