/** Which versions of Deno there must be. @module */

/** A version, without its patch. */
export type Version = readonly [major: number, minor: number];

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

function isOlder(current: string, [major, minor]: Version): boolean {
  const [ownMajor = 0, ownMinor = 0] = current.split(".").map(Number);
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}

// As soon as an executor is imported, and with it what older versions may not be able to load.
requireDeno("@amltk/scheduling", LOWEST);
