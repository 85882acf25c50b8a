/**
 * The command line of the demo.
 *
 * @module
 */

import { type Place, QUEUE } from "./make_scheduler.ts";
import { type NumberOption, readArgs, toNumbers } from "../../tools/options.ts";

/** The options of the demo. */
export interface Options extends Place {
  /** Determines the order of the data, the candidates, and the randomness of their models. */
  readonly seed: number;
  /** The number of candidates in the first rung. */
  readonly trials: number;
  /** Seconds after which the search starts no more trials. */
  readonly seconds: number;
  /** The file that keeps results; undefined for none. */
  readonly journal: string | undefined;
}

const ACCEPTED: Readonly<Record<"seed" | "workers" | "trials" | "seconds", NumberOption>> = {
  seed: { fallback: 1, from: 0, to: 2 ** 32 - 1 },
  // Later rungs have too few trials to keep more workers busy.
  workers: { fallback: Math.min(4, navigator.hardwareConcurrency), from: 1, to: 64 },
  trials: { fallback: 54, from: 1, to: 1000 },
  seconds: { fallback: Infinity, from: 0.1, to: 86_400, fractions: true },
};

/** The usage text of the demo. */
export const USAGE: string = `Searches for the best way to read handwritten digits.

Usage: deno task demo [options]

  --seed N       where all randomness comes from (default ${ACCEPTED.seed.fallback})
  --workers N    workers to train models on (default ${ACCEPTED.workers.fallback})
  --processes    train on child processes in place of Web Workers
  --nats ADDRESS train on the remote workers of this NATS server, in the queue ${QUEUE}
  --trials N     candidates to begin with (default ${ACCEPTED.trials.fallback})
  --seconds N    begin no more trials after this time; those under way are finished
  --journal FILE keep results in this file: the next search with it repeats no finished trial
  --help         print this`;

/**
 * Reads the command line.
 *
 * @param args The arguments.
 * @returns the options; undefined if `--help` was given.
 * @throws {UsageError} for an unknown option, an unexpected argument or an invalid value.
 */
export function parseOptions(args: readonly string[]): Options | undefined {
  const { help, processes = false, journal, nats, ...values } = readArgs({
    args: [...args],
    options: {
      seed: { type: "string" },
      workers: { type: "string" },
      trials: { type: "string" },
      seconds: { type: "string" },
      processes: { type: "boolean" },
      nats: { type: "string" },
      journal: { type: "string" },
      help: { type: "boolean" },
    },
  }).values;
  const numbers = toNumbers(values, ACCEPTED);
  return help ? undefined : { ...numbers, processes, nats, journal };
}
