/** Reads the command line of the benchmark. @module */

import { readArgs } from "../tools/options.ts";

/** The options of the command line. */
export interface BenchOptions {
  /** Run each measurement once and tiny, to check that all of them run. */
  readonly small: boolean;
  /** Run only experiments whose name contains this text. */
  readonly only: string;
  readonly help: boolean;
}

/** The text of `--help`. */
export const USAGE = `Usage: deno task bench [--small] [--only TEXT]

  --small      each measurement once and tiny: neither targets nor results.json
  --only TEXT  only experiments whose name contains the text; no results.json`;

/**
 * Reads the options.
 *
 * @throws {UsageError} for an unknown option, a missing value or an unexpected argument.
 */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = readArgs({
    args: [...args],
    options: {
      small: { type: "boolean", default: false },
      only: { type: "string", default: "" },
      help: { type: "boolean", default: false },
    },
  });
  return values;
}
