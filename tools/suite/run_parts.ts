/** Runs parts of the test suite side by side. @module */

import { countsText, replayOf, runTests, type TestOutcome } from "../deno_test.ts";
import type { Part } from "./parts.ts";

/** The options of a run. */
export interface PartOptions {
  /** The number of parts that run at a time. */
  readonly jobs: number;
  /** Ends all parts when aborted. */
  readonly signal: AbortSignal;
  /** Receives the output of each part when it has ended, and the summary. */
  readonly print: (text: string) => void;
}

/** Runs all parts and returns whether all passed. */
export async function runParts(parts: readonly Part[], options: PartOptions): Promise<boolean> {
  const waiting = [...parts];
  options.print(`Running ${parts.map(({ name }) => name).join(", ")}: ${options.jobs} at a time`);
  const summary: string[] = [];
  const outcomes: TestOutcome[] = [];
  async function work(): Promise<void> {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      const outcome = await runTests({ ...part, signal: options.signal });
      outcomes.push(outcome);
      const line = lineOf(part, outcome);
      options.print(`${outcome.output}\n${line}\n`);
      summary.push(line);
    }
  }
  await Promise.all(Array.from({ length: options.jobs }, work));
  options.print([...summary, countsText(sumOf(outcomes))].join("\n"));
  return outcomes.every(({ good }) => good);
}

function lineOf(part: Part, outcome: TestOutcome): string {
  const { good, seconds } = outcome;
  return `${good ? "ok" : "FAILED"}: ${part.name}, ${countsText(outcome)}, ` +
    `${seconds.toFixed(0)} s (${replayOf(part, outcome)})`;
}

function sumOf(outcomes: readonly TestOutcome[]): { passed: number; failed: number } {
  return {
    passed: outcomes.reduce((sum, { passed }) => sum + passed, 0),
    failed: outcomes.reduce((sum, { failed }) => sum + failed, 0),
  };
}
