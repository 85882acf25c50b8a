/** Calls on other machines, over a real server on this one. Without a server, the rows say so. @module */

import { Scheduler, WorkerLostError } from "@amltk/scheduling";
import { check, microsecondsEach, rate } from "../checks.ts";
import type { Experiment } from "../model.ts";
import { BarePath } from "../nats/bare.ts";
import { natsSite, QUEUE, startWorker } from "../nats/site.ts";
import type { Sizes } from "../sizes.ts";

const BARE_NAME = "bare JetStream";
const NAME = "NatsExecutor";
// Data of so many bytes goes to so many programs.
const SHARED_BYTES = 10e6;
const PROGRAMS = 4;

/** Calls one after the other. */
export function chainOverNats({ natsChain: count }: Sizes): Experiment {
  return {
    name: "chain over NATS",
    unit: "µs",
    contenders: [
      {
        name: NAME,
        measure: () => onQueue((scheduler) => timeChain(scheduler, count)),
        mayFail: true,
      },
      {
        name: BARE_NAME,
        measure: () => onBarePath((path) => timeBareChain(path, count)),
        mayFail: true,
      },
    ],
    rows: [{ name: "chain over NATS", of: NAME, over: [BARE_NAME], target: { atMost: 1.5 } }],
  };
}

/** Trivial calls, all at once. */
export function fanOutOverNats({ natsFanOut, natsBareFanOut }: Sizes): Experiment {
  return {
    name: "fan-out over NATS",
    unit: "ops/s",
    contenders: [
      {
        name: NAME,
        measure: () => onQueue((scheduler) => rateOf(scheduler, natsFanOut)),
        mayFail: true,
      },
      {
        name: BARE_NAME,
        measure: () => onBarePath((path) => bareRateOf(path, natsBareFanOut)),
        mayFail: true,
      },
    ],
    rows: [{ name: "fan-out over NATS", of: NAME, over: [BARE_NAME], target: { atLeast: 10 } }],
  };
}

/** From `share()` until each of several programs has used the data. */
export function sharedOverNats(): Experiment {
  const name = `${SHARED_BYTES / 1e6} MB to ${PROGRAMS} machines`;
  return {
    name,
    unit: "ms",
    contenders: [{ name: NAME, measure: timeOfSharing, mayFail: true }],
    rows: [{ name, of: NAME }],
  };
}

/** From the end of a worker's program until its call fails. */
export function noticeOverNats(): Experiment {
  const name = "notice of a killed machine";
  return {
    name,
    unit: "ms",
    rounds: 3,
    contenders: [{ name: NAME, measure: timeToNotice, mayFail: true }],
    rows: [{ name, of: NAME }],
  };
}

const increment = (n: number) => n + 1;

async function timeChain(scheduler: Scheduler, count: number): Promise<number> {
  const task = scheduler.task(increment);
  const chain = async () => {
    let n = 0;
    for (let call = 0; call < count; call++) n = await task.submit(n);
    check(n, count);
  };
  await chain();
  const since = performance.now();
  await chain();
  return microsecondsEach(count, since);
}

async function timeBareChain(path: BarePath, count: number): Promise<number> {
  for (let call = 0; call < count; call++) await path.call(1);
  const since = performance.now();
  for (let call = 0; call < count; call++) await path.call(1);
  return microsecondsEach(count, since);
}

async function rateOf(scheduler: Scheduler, count: number): Promise<number> {
  const task = scheduler.task(increment);
  const fanOut = async () => {
    const results = await Promise.all(Array.from({ length: count }, (_, n) => task.submit(n)));
    check(results.at(-1) ?? NaN, count);
  };
  await fanOut();
  const since = performance.now();
  await fanOut();
  return rate(count, since);
}

async function bareRateOf(path: BarePath, count: number): Promise<number> {
  await path.call(count);
  const since = performance.now();
  await path.call(count);
  return rate(count, since);
}

async function timeOfSharing(): Promise<number> {
  await (await natsSite()).startPrograms(PROGRAMS);
  return await onQueue(async (scheduler) => {
    const task = scheduler.task(async (data: Float64Array, ms: number) => {
      // Keeps the worker busy, so that each gets a call.
      await new Promise((resolve) => setTimeout(resolve, ms));
      return data.length;
    });
    const all = (data: Float64Array, ms: number) =>
      Promise.all(Array.from({ length: PROGRAMS }, () => task.submit(data, ms)));
    while (
      scheduler.statistics().workers.filter(({ state }) => state !== "ended").length < PROGRAMS
    ) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await all(new Float64Array(1), 50);
    const length = SHARED_BYTES / Float64Array.BYTES_PER_ELEMENT;
    const data = new Float64Array(length);
    const since = performance.now();
    const lengths = await all(scheduler.share(data) as Float64Array, 0);
    const time = performance.now() - since;
    for (const each of lengths) check(each, length);
    return time;
  });
}

async function timeToNotice(): Promise<number> {
  const queue = "bench-killed";
  const worker = await startWorker((await natsSite()).address, queue);
  return await onQueue(async (scheduler) => {
    const future = scheduler.submit(() => new Promise<never>(() => {}));
    while (future.state !== "running") await new Promise((resolve) => setTimeout(resolve, 5));
    const since = performance.now();
    worker.kill("SIGKILL");
    const error = await future.catch((error: unknown) => error);
    if (!(error instanceof WorkerLostError)) throw error;
    return performance.now() - since;
  }, queue);
}

/** Calls `measure` in a run on the workers of a queue. */
async function onQueue(
  measure: (scheduler: Scheduler) => Promise<number>,
  queue = QUEUE,
): Promise<number> {
  const { address } = await natsSite();
  const { NatsExecutor } = await import("@amltk/scheduling/executors/nats");
  const scheduler = new Scheduler(new NatsExecutor({ connect: address, queue }));
  let value = NaN;
  scheduler.onStart(async () => {
    value = await measure(scheduler);
  });
  await scheduler.run({ onException: [[WorkerLostError, "ignore"]] });
  return value;
}

async function onBarePath(measure: (path: BarePath) => Promise<number>): Promise<number> {
  const path = await BarePath.open((await natsSite()).address);
  try {
    return await measure(path);
  } finally {
    await path.close();
  }
}
