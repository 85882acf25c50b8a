/** The command lines of the tools, the benchmark and the demo. @module */

import { parseArgs, type ParseArgsConfig } from "node:util";

/** A wrong command line; the message is for the user who wrote it. */
export class UsageError extends Error {
  /** The name of the class. */
  override readonly name = "UsageError";
}

/** An option that is a number. */
export interface NumberOption {
  /** Its value if it is not given. */
  readonly fallback: number;
  /** The least value. */
  readonly from: number;
  /** The greatest value, by default none. */
  readonly to?: number;
  /** Whether it may have decimals. */
  readonly fractions?: boolean;
}

/**
 * Reads a command line as `parseArgs()` does; an error is one line that ends with the remedy, by
 * default the list of options.
 *
 * @throws {UsageError} for an unknown option, a missing value and an unexpected argument.
 */
export function readArgs<const Config extends ParseArgsConfig>(
  config: Config,
  remedy: string = optionList(config),
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs<Config>(config);
  } catch (error) {
    throw new UsageError(`${reasonOf(error as Error)}; ${remedy}`);
  }
}

/**
 * Reads options that are all numbers.
 *
 * @throws {UsageError} as `readArgs()`, and for a value that is not accepted.
 */
export function numberOptions<Name extends string>(
  args: readonly string[],
  accepted: Readonly<Record<Name, NumberOption>>,
): Record<Name, number> {
  const names = Object.keys(accepted);
  const options = Object.fromEntries(names.map((name) => [name, { type: "string" } as const]));
  return toNumbers(readArgs({ args: [...args], options }).values, accepted);
}

/**
 * The values of a command line as numbers.
 *
 * @throws {UsageError} for a value that is not accepted.
 */
export function toNumbers<Name extends string>(
  values: Readonly<Record<string, unknown>>,
  accepted: Readonly<Record<Name, NumberOption>>,
): Record<Name, number> {
  const numbers = Object.entries<NumberOption>(accepted).map(([name, option]) => [
    name,
    toNumber(name, values[name], option),
  ]);
  return Object.fromEntries(numbers);
}

/** Runs a tool and exits with 0 or 1; a wrong command line is printed, with exit code 2. */
export async function runTool(main: () => Promise<boolean>): Promise<never> {
  try {
    Deno.exit(await main() ? 0 : 1);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    // deno-lint-ignore no-console -- for the terminal
    console.error(error.message);
    Deno.exit(2);
  }
}

function optionList({ options = {} }: ParseArgsConfig): string {
  return `the options are ${Object.keys(options).map((name) => `--${name}`).join(", ")}`;
}

// Node wraps some messages, and after an unknown option it advises on positional arguments.
function reasonOf({ message }: Error): string {
  return message.replaceAll("\n", " ").replace(/\. To specify a positional .*|\.$/, "");
}

function toNumber(name: string, given: unknown, option: NumberOption): number {
  const { fallback, from, to = Number.MAX_SAFE_INTEGER, fractions = false } = option;
  if (given === undefined) return fallback;
  const pattern = fractions ? /^\d+(\.\d+)?$/ : /^\d+$/;
  const value = Number(given);
  if (pattern.test(String(given)) && value >= from && value <= to) return value;
  const kind = fractions ? "a number" : "an integer";
  const range = option.to === undefined ? `from ${from} on` : `from ${from} to ${to}`;
  throw new UsageError(`--${name} must be ${kind} ${range}, not "${given}"`);
}
