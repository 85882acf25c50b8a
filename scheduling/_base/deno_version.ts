/** Which versions of Deno there must be. @module */

/** A version, from its first patch on if it names none. */
export type Version = readonly [major: number, minor: number, patch?: number];

const LOWEST: Version = [2, 2];

/**
 * Throws `TypeError` when `current`, by default what runs this, is older than `lowest`. It is null for
 * what is no Deno, of which nobody knows.
 */
export function requireDeno(
  what: string,
  lowest: Version,
  current: string | null = denoVersion(),
): void {
  if (current === null || !isOlder(current, lowest)) return;
  const needed = lowest.join(".");
  throw new TypeError(`${what} needs Deno ${needed} or newer, not ${current}: run "deno upgrade"`);
}

/** The version of what runs this; null when it is no Deno. */
export function denoVersion(): string | null {
  return typeof Deno === "undefined" ? null : Deno.version.deno;
}

function isOlder(current: string, lowest: Version): boolean {
  const own = current.split(".").map((part) => parseInt(part));
  const different = lowest.findIndex((part, index) => part !== own[index]);
  return different >= 0 && (own[different] ?? 0) < (lowest[different] ?? 0);
}

// As soon as an executor is imported, and with it what older versions may not be able to load.
requireDeno("@amltk/scheduling", LOWEST);
