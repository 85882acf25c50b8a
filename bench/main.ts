/**
 * Measures the scheduler and its bases in one run, interleaved, and prints medians with their ratio:
 * `deno task bench`, with `--small` for a quick look.
 *
 * @module
 */
// deno-lint-ignore-file no-console -- the table is what it is for

import { ComlinkPool } from "./base/comlink_pool.ts";
import {
  chain,
  emit,
  emitUnheard,
  eventTarget,
  fanOut,
  type Measure,
  poolChain,
  poolFanOut,
} from "./measures.ts";

interface Row {
  readonly name: string;
  readonly ours: Measure;
  readonly base: string;
  readonly theirs: Measure;
}

const small = Deno.args.includes("--small");
const ROUNDS = small ? 1 : 5;
const [TASKS, EMITS] = small ? [500, 20_000] : [20_000, 1_000_000];

const pool = await ComlinkPool.start(2);
const rows: readonly Row[] = [
  {
    name: `fan-out of ${TASKS} tasks`,
    ours: () => fanOut(TASKS),
    base: "comlink pool",
    theirs: () => poolFanOut(pool, TASKS),
  },
  {
    name: `chain of ${TASKS / 4} tasks`,
    ours: () => chain(TASKS / 4),
    base: "comlink pool",
    theirs: () => poolChain(pool, TASKS / 4),
  },
  {
    name: `${EMITS} emits, one callback`,
    ours: () => emit(EMITS),
    base: "EventTarget",
    theirs: () => eventTarget(EMITS / 10),
  },
  {
    name: `${EMITS} emits, no callback`,
    ours: () => emitUnheard(EMITS),
    base: "emit, one callback",
    theirs: () => emit(EMITS),
  },
];

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

for (const { name, ours, base, theirs } of rows) {
  const rates: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    rates[0].push(await ours());
    rates[1].push(await theirs());
  }
  const [own, other] = rates.map(median) as [number, number];
  const perSecond = (rate: number) => `${Math.round(rate).toLocaleString("en")}/s`;
  console.log(
    `${name.padEnd(32)} ${perSecond(own).padStart(14)}   ${base}: ${perSecond(other)}   ` +
      `ratio ${(own / other).toFixed(2)}`,
  );
}
pool.terminate();
