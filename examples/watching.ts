/**
 * Shows a search while it runs: tasks that wait for others, progress, failures, a worker that is lost.
 *
 * Run with `--allow-read`, in a terminal.
 *
 * @module
 */

import { Comm, Scheduler, type WorkerComm } from "@amltk/scheduling";

const FOLDS = [1, 2, 3, 4, 5, 6];
const RATES = [0.1, 0.3, 1, 2, 8];

function load(fold: number): number[] {
  return Array.from({ length: 50 }, (_, index) => Math.sin(fold + index));
}

/** Finds a factor by gradient descent, and says how far it is. */
async function train(comm: WorkerComm, xs: number[], rate: number): Promise<number> {
  const meanSquare = xs.reduce((sum, x) => sum + x * x, 0) / xs.length;
  let error = 3;
  for (let epoch = 1; epoch <= 40; epoch++) {
    error -= rate * error * meanSquare;
    if (Math.abs(error) > 1e6) throw new RangeError(`the error grows at a rate of ${rate}`);
    comm.progress(epoch / 40, `loss ${Math.abs(error).toFixed(3)}`);
    await new Promise((resolve) => setTimeout(resolve, 12));
  }
  return Math.abs(error);
}

function assess(error: number): number {
  return -Math.log10(error);
}

/** Stands for a library that crashes now and then. */
function plot(xs: number[]): string {
  if (xs[0] === Math.sin(3)) Deno.exit(9);
  return xs.join(" ");
}

const scheduler = Scheduler.withWorkers(3);
const loading = scheduler.task(load);
const training = scheduler.task(train, { plugins: new Comm() });
const assessing = scheduler.task(assess);
const plotting = scheduler.task(plot);

scheduler.onStart(() => {
  for (const fold of FOLDS) {
    const xs = loading.submit(fold);
    for (const rate of RATES) assessing.submit(training.submit(xs, rate));
    plotting.submit(xs);
  }
});
assessing.onResult(({ id }, digits) => {
  if (digits > 15) console.log(`call ${id} found it to ${digits.toFixed(0)} digits`);
});
const total = FOLDS.length * (2 + 2 * RATES.length);
await scheduler.run({ display: { total }, onException: { tasks: "ignore" } });
