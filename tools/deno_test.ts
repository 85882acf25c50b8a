/** One run of `deno test` in a process of its own. @module */

const FLAGS = [
  // `deno task check` has checked them.
  "--no-check",
  "--import-map=import_map.npm.json",
  "--allow-all",
  "--v8-flags=--expose-gc",
];
const MAX_SEED = 2 ** 31;

/** Which tests to run, and how. */
export interface TestRun {
  /** The arguments of `deno test` that choose the tests. */
  readonly args: readonly string[];
  /** Environment variables besides those of this process. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Ends it when it is aborted: the run has then failed. */
  readonly signal?: AbortSignal;
}

/** What came of a run. */
export interface TestOutcome {
  readonly passed: number;
  readonly failed: number;
  /** Whether tests were run to the end and none failed. */
  readonly good: boolean;
  readonly seconds: number;
  /** How to have the same order of tests again. */
  readonly shuffle: string;
  /** All that it printed. */
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
    // A run that tells no counts, or has run nothing, is no success, whatever its exit code.
    good: success && counts.passed > 0 && counts.failed === 0,
    seconds: (performance.now() - begin) / 1000,
    shuffle,
    output: printed + decoder.decode(stderr),
  };
}

/** What brings the same run back: its environment variables and the order of tests. */
export function replayOf({ env = {} }: TestRun, { shuffle }: TestOutcome): string {
  return [...Object.entries(env).map(([name, value]) => `${name}=${value}`), shuffle].join(" ");
}

/** The counts as text. */
export function countsText({ passed, failed }: Pick<TestOutcome, "passed" | "failed">): string {
  return `${passed} passed, ${failed} failed`;
}

/** How many tests passed and failed by what `deno test` printed. */
export function countsIn(printed: string): { passed: number; failed: number } {
  const [, passed, failed] = /^(?:ok|FAILED) \| (\d+) passed.*? \| (\d+) failed/m.exec(printed) ??
    [];
  if (passed !== undefined) return { passed: Number(passed), failed: Number(failed) };
  // It was ended before it could sum up, and with it the test that ran.
  return {
    passed: timesIn(printed, / ok \(.+\)$/gm),
    failed: timesIn(printed, / FAILED \(.+\)$/gm) + 1,
  };
}

function timesIn(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
