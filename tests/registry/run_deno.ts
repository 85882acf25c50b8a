/** Runs the real client against a registry. @module */

import { npmCache } from "../fixtures/npm_cache.ts";
import type { Outcome } from "../fixtures/run_fixture.ts";

/** The environment of a run. */
export interface Place {
  readonly cwd: string;
  /** The folder of the cache. */
  readonly cache: string;
  /** The URL of the registry. */
  readonly registry: string;
  /** The text on stdin. */
  readonly input?: string;
}

/** Runs `deno` with these arguments. */
export function runDeno(args: readonly string[], place: Place): Promise<Outcome> {
  return runProgram(Deno.execPath(), args, place);
}

/** Runs a program with these arguments. */
export async function runProgram(
  path: string,
  args: readonly string[],
  place: Place,
): Promise<Outcome> {
  await shareNpmCache(place.cache);
  const child = new Deno.Command(path, {
    cwd: place.cwd,
    args: [...args],
    env: { NO_COLOR: "1", DENO_DIR: place.cache, JSR_URL: place.registry },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    // Ends a program that hangs, so that its test fails.
    signal: AbortSignal.timeout(300_000),
  }).spawn();
  const writer = child.stdin.getWriter();
  // A program that does not read stdin may have ended already.
  writer.write(new TextEncoder().encode(place.input ?? "")).catch(() => {});
  writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

// npm packages are cached for all consumers; everything else is downloaded again.
async function shareNpmCache(cache: string): Promise<void> {
  await Deno.mkdir(cache, { recursive: true });
  try {
    await Deno.symlink(await npmCache(), `${cache}/npm`, { type: "dir" });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}
