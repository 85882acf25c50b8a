/** One run of `deno test` in its own process. @module */

const FLAGS = [
  // `deno task check` has checked them.
  "--no-check",
  "--import-map=import_map.npm.json",
  "--allow-all",
  "--v8-flags=--expose-gc",
];
const MAX_SEED = 2 ** 31;

/** The options of a run. */
export interface TestRun {
  /** The arguments of `deno test` that select the tests. */
  readonly args: readonly string[];
  /** Environment variables in addition to those of this process. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Ends the run when aborted; the run has then failed. */
  readonly signal?: AbortSignal;
}

/** The outcome of a run. */
export interface TestOutcome {
  readonly passed: number;
  readonly failed: number;
  /** Whether the run completed and no test failed. */
  readonly good: boolean;
  readonly seconds: number;
  /** How to repeat the run with the same order of tests. */
  readonly shuffle: string;
  /** Everything that the run printed. */
  readonly output: string;
}

/** Runs tests in random order. */
export async function runTests({ args, env = {}, signal }: TestRun): Promise<TestOutcome> {
  const shuffle = `--shuffle=${Math.floor(Math.random() * MAX_SEED)}`;
  const begin = performance.now();
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", ...FLAGS, shuffle, ...args],
    env: { NO_COLOR: "1", ...env },
    ...(signal === undefined ? {} : { signal }),
  }).output();
  const decoder = new TextDecoder();
  const printed = decoder.decode(stdout);
  const counts = countsIn(printed);
  return {
    ...counts,
    // A run without counts, or without any test, is a failure, whatever its exit code.
    good: success && counts.passed > 0 && counts.failed === 0,
    seconds: (performance.now() - begin) / 1000,
    shuffle,
    output: printed + decoder.decode(stderr),
  };
}

/** How to repeat the run: its environment variables and the seed of the order. */
export function replayOf({ env = {} }: TestRun, { shuffle }: TestOutcome): string {
  return [...Object.entries(env).map(([name, value]) => `${name}=${value}`), shuffle].join(" ");
}

/** Renders counts as text. */
export function countsText({ passed, failed }: Pick<TestOutcome, "passed" | "failed">): string {
  return `${passed} passed, ${failed} failed`;
}

/** Reads the numbers of passed and failed tests from the output of `deno test`. */
export function countsIn(printed: string): { passed: number; failed: number } {
  const [, passed, failed] = /^(?:ok|FAILED) \| (\d+) passed.*? \| (\d+) failed/m.exec(printed) ??
    [];
  if (passed !== undefined) return { passed: Number(passed), failed: Number(failed) };
  // The run was ended before its summary; the test that ran at that time failed.
  return {
    passed: timesIn(printed, / ok \(.+\)$/gm),
    failed: timesIn(printed, / FAILED \(.+\)$/gm) + 1,
  };
}

function timesIn(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
