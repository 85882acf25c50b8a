/** Measures the growth of memory while a scenario is repeated. @module */

import { leftBehind } from "../remains.ts";
import type { Scenario } from "./scenarios.ts";

// The noise between two measurements of the heap, even if nothing happens in between.
const NOISE = 1_500_000;
const COLLECTIONS = 4;

/** The growth during a scenario. */
export interface Growth {
  readonly name: string;
  readonly rounds: number;
  /** Bytes in use after a third of the rounds, and after all rounds. */
  readonly before: number;
  readonly after: number;
  /** Workers and processes that outlived the scenario. */
  readonly remains: readonly string[];
}

/** Repeats a scenario. Measures memory when its caches are warm, and again at the end. */
export async function measure(scenario: Scenario, scale: number): Promise<Growth> {
  const rounds = Math.max(3, Math.round(scenario.rounds * scale));
  const looks: number[] = [];
  let round = 0;
  await scenario.run(rounds, async () => {
    round++;
    if (round === Math.ceil(rounds / 3) || round === rounds) looks.push(await bytesInUse());
  });
  const [before = NaN, after = NaN] = looks;
  return { name: scenario.name, rounds, before, after, remains: await leftBehind() };
}

/** Whether memory did not grow and nothing was left behind. */
export function isGood({ before, after, remains }: Growth): boolean {
  return after - before <= NOISE && remains.length === 0;
}

/** Renders the growth as one line. */
export function growthText(growth: Growth): string {
  const { name, rounds, before, after, remains } = growth;
  const left = remains.length === 0 ? "nothing left" : `left: ${remains.join(", ")}`;
  const verdict = isGood(growth) ? "good" : "GROWS";
  return `${verdict}  ${name}, ${rounds} times: ${megabytes(before)} -> ${
    megabytes(after)
  }, ${left}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}

async function bytesInUse(): Promise<number> {
  for (let n = 0; n < COLLECTIONS; n++) {
    (globalThis as unknown as { gc(): void }).gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}
