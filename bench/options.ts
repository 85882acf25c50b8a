/** Reads the command line of the benchmark. @module */

import { readArgs } from "../tools/options.ts";

/** The options of the command line. */
export interface BenchOptions {
  /** Run each measurement once and tiny, to check that all of them run. */
  readonly small: boolean;
  /** Run only the rows that one of these texts names; none of them means all rows. */
  readonly only: readonly string[];
  readonly help: boolean;
}

/** The text of `--help`. */
export const USAGE = `Usage: deno task bench [--small] [--only TEXT]...

  --small      each measurement once and tiny: neither targets nor results.json
  --only TEXT  only the rows with this text in "ROW / COMPARED WITH", or the row that is
               named so in full; no results.json`;

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
      only: { type: "string", multiple: true, default: [] },
      help: { type: "boolean", default: false },
    },
  });
  return values;
}
