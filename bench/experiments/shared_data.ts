/** Trials that read a shared data set. @module */

import { check, microsecondsEach } from "../checks.ts";
import type { Experiment } from "../model.ts";
import type { Sizes } from "../sizes.ts";
import { inWarmRun } from "../warm_scheduler.ts";
import { WORKERS } from "../pool.ts";

/** The number of elements that a trial reads, whatever the size of the data. */
const READ = 128;

/** The result of a trial, and the worker that ran it. */
interface TrialReport {
  readonly sum: number;
  readonly worker: string;
}

/** A trial on a large shared data set, compared with a small one. */
export function sharedData({ sharedBytes, trials }: Sizes): Experiment[] {
  const name = `trial on ${sharedBytes / 1e6} MB of shared data`;
  const large = sharedBytes / Float64Array.BYTES_PER_ELEMENT;
  return [{
    name,
    unit: "µs",
    rounds: 9,
    contenders: [
      { name: "large", measure: () => timeOfTrial(makeData(large), trials) },
      { name: "1 KB", measure: () => timeOfTrial(makeData(READ), trials) },
    ],
    rows: [{ name, of: "large", over: ["1 KB"], target: { atMost: 1.05 } }],
  }];
}

function makeData(length: number): Float64Array {
  const data = new Float64Array(length);
  for (let n = 0; n < READ; n++) data[n] = n;
  return data;
}

/** Microseconds per trial, without the first trial of each worker. */
function timeOfTrial(data: Float64Array, count: number): Promise<number> {
  return inWarmRun(async (scheduler) => {
    const task = scheduler.task(trial);
    const shared = scheduler.share(data);
    const workers = new Set<string>();
    while (workers.size < WORKERS) {
      const first = Array.from({ length: WORKERS }, () => task.submit(shared, READ, 2));
      for (const { worker } of await Promise.all(first)) workers.add(worker);
    }
    let sum = 0;
    const since = performance.now();
    for (let n = 0; n < count; n++) sum += (await task.submit(shared, READ, 0)).sum;
    const each = microsecondsEach(count, since);
    check(sum, count * READ * (READ - 1) / 2);
    return each;
  });
}

/** Reads the first elements. Takes at least `ms`, so that every worker gets a first trial. */
function trial(data: Float64Array, read: number, ms: number): TrialReport {
  const scope = globalThis as { trialWorker?: string };
  let sum = 0;
  for (let n = 0; n < read; n++) sum += data[n] ?? NaN;
  for (const since = performance.now(); performance.now() - since < ms;);
  return { sum, worker: scope.trialWorker ??= crypto.randomUUID() };
}
