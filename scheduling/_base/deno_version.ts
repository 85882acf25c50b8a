/** The required versions of Deno. @module */

/** A version; without a patch, the first patch of it. */
export type Version = readonly [major: number, minor: number, patch?: number];

const LOWEST: Version = [2, 2];

/**
 * Throws `TypeError` when `current`, by default the running version, is older than `lowest`. Other
 * runtimes, for which `current` is null, are not checked.
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

/** The running version; null in other runtimes. */
export function denoVersion(): string | null {
  return typeof Deno === "undefined" ? null : Deno.version.deno;
}

function isOlder(current: string, lowest: Version): boolean {
  const own = current.split(".").map((part) => parseInt(part));
  const different = lowest.findIndex((part, index) => part !== own[index]);
  return different >= 0 && (own[different] ?? 0) < (lowest[different] ?? 0);
}

// Checked on import, before modules are loaded that older versions may not support.
requireDeno("@amltk/scheduling", LOWEST);
