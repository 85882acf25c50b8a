/**
 * Stops trials whose scores fall behind, in workers and then in processes.
 *
 * Run with `--allow-read --allow-write --allow-run --allow-env`.
 *
 * @module
 */

import { Comm, type Future, Scheduler, type WorkerComm } from "@amltk/scheduling";

const EPOCHS = 10;

/** Stands for training: the score rises towards `quality`. */
async function trial(
  comm: WorkerComm<{ sent: { epoch: number; score: number } }>,
  quality: number,
  epochs: number,
): Promise<number> {
  let score = 0;
  for (let epoch = 1; epoch <= epochs && !comm.signal.aborted; epoch++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    score += (quality - score) / 2;
    comm.send({ epoch, score });
  }
  return score;
}

async function search(scheduler: Scheduler): Promise<string> {
  // The scores of the first trials, by epoch. The others must not be worse than the median of these.
  const scores: number[][] = Array.from({ length: EPOCHS + 1 }, () => []);
  const task = scheduler.task(trial, { plugins: new Comm() });
  const stopped = new Map<Future, number>();
  const results: number[] = [];
  let isJudging = false;

  task.on("comm-message", (future, { epoch, score }) => {
    const known = scores[epoch] ?? [];
    if (!isJudging) return void known.push(score);
    const median = known.toSorted()[Math.floor(known.length / 2)] ?? 0;
    if (score >= median || stopped.has(future)) return;
    stopped.set(future, future.args[0]);
    // The trial has a second to return its last score.
    future.cancel({ grace: 1000 });
  });
  task.onResult((_future, score) => results.push(score));

  scheduler.onStart(async () => {
    await Promise.all([0.9, 0.5, 0.7].map((quality) => task.submit(quality, EPOCHS)));
    isJudging = true;
    for (const quality of [0.8, 0.2, 0.1, 0.95]) task.submit(quality, EPOCHS);
  });
  await scheduler.run();
  const bad = [...stopped.values()].toSorted().join(", ");
  return `stopped the trials of quality ${bad}; best of ${results.length} scores: ` +
    Math.max(...results).toFixed(2);
}

console.log("workers:", await search(Scheduler.withWorkers(2)));
console.log("processes:", await search(Scheduler.withProcesses(2, { permissions: "none" })));
