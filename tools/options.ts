/** Reads the command lines of the tools, the benchmark and the demo. @module */

import { parseArgs, type ParseArgsConfig } from "node:util";

/** Thrown for a wrong command line. The message is written for the user. */
export class UsageError extends Error {
  /** The name of the class. */
  override readonly name = "UsageError";
}

/** An option that is a number. */
export interface NumberOption {
  /** The default value. */
  readonly fallback: number;
  /** The minimum. */
  readonly from: number;
  /** The maximum; none by default. */
  readonly to?: number;
  /** Whether decimals are allowed. */
  readonly fractions?: boolean;
}

/**
 * Reads a command line like `parseArgs()`. The message of an error is one line that ends with a
 * remedy, by default the list of options.
 *
 * @throws {UsageError} for an unknown option, a missing value or an unexpected argument.
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
 * Reads a command line whose options are all numbers.
 *
 * @throws {UsageError} like `readArgs()`, and for an invalid value.
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
 * Converts the values of a command line to numbers.
 *
 * @throws {UsageError} for an invalid value.
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

// Node breaks some messages into lines, and adds advice on positional arguments to others.
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
