/**
 * The command line of the demo.
 *
 * @module
 */

import { parseArgs } from "node:util";

/** What the demo was asked to do. */
export interface Options {
  /** Decides on the order of the data, the candidates and all that is random about their models. */
  readonly seed: number;
  /** The number of workers. */
  readonly workers: number;
  /** The number of candidates in the first rung. */
  readonly trials: number;
  /** Seconds after which the search begins no more trials. */
  readonly seconds: number;
}

/** A command line that cannot be understood; the message is for who wrote it. */
export class UsageError extends Error {
  /** The name of the class. */
  override readonly name = "UsageError";
}

interface Accepted {
  readonly fallback: number;
  readonly from: number;
  readonly to: number;
  readonly fractions: boolean;
}

const ACCEPTED: Readonly<Record<keyof Options, Accepted>> = {
  seed: { fallback: 1, from: 0, to: 2 ** 32 - 1, fractions: false },
  // The later rungs are too small to keep more workers busy.
  workers: {
    fallback: Math.min(4, navigator.hardwareConcurrency),
    from: 1,
    to: 64,
    fractions: false,
  },
  trials: { fallback: 54, from: 1, to: 1000, fractions: false },
  seconds: { fallback: Infinity, from: 0.1, to: 86_400, fractions: true },
};

/** How the demo is used. */
export const USAGE: string = `Searches for the best way to read handwritten digits.

Usage: deno task demo [options]

  --seed N       where all randomness comes from (default ${ACCEPTED.seed.fallback})
  --workers N    Web Workers to train models on (default ${ACCEPTED.workers.fallback})
  --trials N     candidates to begin with (default ${ACCEPTED.trials.fallback})
  --seconds N    begin no more trials after this time; those under way are finished
  --help         print this`;

/**
 * Reads the command line.
 *
 * @param args The arguments.
 * @returns the options, or undefined when help was asked for.
 * @throws {UsageError} for what is not an option, or a value that is not accepted.
 */
export function parseOptions(args: readonly string[]): Options | undefined {
  // Strict parsing would answer with messages of its own, some of them several lines long.
  const { tokens } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string" },
      workers: { type: "string" },
      trials: { type: "string" },
      seconds: { type: "string" },
      help: { type: "boolean" },
    },
    strict: false,
    tokens: true,
  });
  const options = {
    seed: ACCEPTED.seed.fallback,
    workers: ACCEPTED.workers.fallback,
    trials: ACCEPTED.trials.fallback,
    seconds: ACCEPTED.seconds.fallback,
  };
  let help = false;
  for (const token of tokens) {
    if (token.kind !== "option") throw unknown(token.kind === "positional" ? token.value : "--");
    if (isOption(token.name)) options[token.name] = read(token.name, token.value);
    else if (token.name === "help" && token.value === undefined) help = true;
    else throw unknown(token.rawName);
  }
  return help ? undefined : options;
}

function isOption(name: string): name is keyof Options {
  return Object.hasOwn(ACCEPTED, name);
}

function unknown(argument: string): UsageError {
  const names = Object.keys(ACCEPTED).map((name) => `--${name}`).join(", ");
  return new UsageError(`${JSON.stringify(argument)} is not an option; there are ${names}, --help`);
}

function read(name: keyof Options, text: string | undefined): number {
  const { from, to, fractions } = ACCEPTED[name];
  const pattern = fractions ? /^\d+(\.\d+)?$/ : /^\d+$/;
  const value = Number(text);
  if (text !== undefined && pattern.test(text) && value >= from && value <= to) return value;
  const kind = fractions ? "a number" : "an integer";
  const given = text === undefined ? "nothing" : JSON.stringify(text);
  throw new UsageError(`--${name} takes ${kind} from ${from} to ${to}, not ${given}`);
}
