/** The command lines of the tools. @module */

import { parseArgs } from "node:util";

/** A command line that cannot be understood; the message is for who wrote it. */
export class UsageError extends Error {
  /** The name of the class. */
  override readonly name = "UsageError";
}

/** An integer option. */
export interface IntegerOption {
  /** What it is when it is not given. */
  readonly fallback: number;
  /** The least that is accepted. */
  readonly from: number;
}

/**
 * Reads options that are all integers.
 *
 * @throws {UsageError} for what is not an option, and for a value that is not accepted.
 */
export function integerOptions<Name extends string>(
  args: readonly string[],
  accepted: Readonly<Record<Name, IntegerOption>>,
): Record<Name, number> {
  const given = strictly(args, Object.keys(accepted));
  const read = Object.entries<IntegerOption>(accepted).map(([name, option]) => [
    name,
    integer(name, given[name], option),
  ]);
  return Object.fromEntries(read);
}

/** Runs `main` with the options; a wrong command line is told in one line, with exit code 2. */
export async function runTool<Name extends string>(
  accepted: Readonly<Record<Name, IntegerOption>>,
  main: (options: Record<Name, number>) => Promise<boolean>,
): Promise<void> {
  try {
    const good = await main(integerOptions(Deno.args, accepted));
    Deno.exit(good ? 0 : 1);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    // deno-lint-ignore no-console -- for the terminal
    console.error(error.message);
    Deno.exit(2);
  }
}

function strictly(args: readonly string[], names: readonly string[]): Record<string, unknown> {
  const options = Object.fromEntries(names.map((name) => [name, { type: "string" } as const]));
  try {
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    // What follows the first sentence is advice on positional arguments, of which there are none.
    const why = (error as Error).message.split(/\. |\n/, 1)[0];
    throw new UsageError(`${why}; the options are ${names.map((name) => `--${name}`).join(", ")}`);
  }
}

function integer(name: string, given: unknown, { fallback, from }: IntegerOption): number {
  if (given === undefined) return fallback;
  const value = Number(given);
  if (/^\d+$/.test(String(given)) && Number.isSafeInteger(value) && value >= from) return value;
  throw new UsageError(`--${name} must be an integer from ${from} on, not "${given}"`);
}
