/** What is measured: each returns operations in a second, and checks that the work was done. @module */

import { Emitter, Scheduler } from "@amltk/scheduling";
import type { ComlinkPool } from "./base/comlink_pool.ts";

/** Measures once; returns operations in a second. */
export type Measure = () => Promise<number> | number;

const WORKERS = 2;

function rate(operations: number, since: number): number {
  return operations / ((performance.now() - since) / 1000);
}

function check(actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`The sum is ${actual}, not ${expected}`);
}

function sumBelow(count: number): number {
  return count * (count - 1) / 2;
}

/** All tasks submitted at once. */
export async function fanOut(count: number): Promise<number> {
  const { scheduler, task, warm } = prepare();
  let sum = 0;
  let since = 0;
  task.onResult((_future, n) => sum += n);
  warm(() => {
    sum = 0;
    since = performance.now();
    for (let n = 0; n < count; n++) task.submit(n);
  });
  let result = 0;
  scheduler.onFinishing(() => result = rate(count, since));
  await scheduler.run();
  check(sum, sumBelow(count));
  return result;
}

/** Each task submitted from the callback of the one before. */
export async function chain(count: number): Promise<number> {
  const { scheduler, task, warm } = prepare();
  let last = -1;
  let since = 0;
  warm(() => {
    since = performance.now();
    task.onResult((_future, n) => {
      last = n;
      if (n + 1 < count) task.submit(n + 1);
    });
    task.submit(0);
  });
  let result = 0;
  scheduler.onFinishing(() => result = rate(count, since));
  await scheduler.run();
  check(last, count - 1);
  return result;
}

/** All calls made at once on the hand-written pool. */
export async function poolFanOut(pool: ComlinkPool, count: number): Promise<number> {
  const since = performance.now();
  const results = await Promise.all(Array.from({ length: count }, (_, n) => pool.run(n)));
  const result = rate(count, since);
  check(results.reduce((a, b) => a + b, 0), sumBelow(count));
  return result;
}

/** Each call made after the one before, on the hand-written pool. */
export async function poolChain(pool: ComlinkPool, count: number): Promise<number> {
  const since = performance.now();
  let last = -1;
  for (let n = 0; n < count; n++) last = await pool.run(n);
  check(last, count - 1);
  return rate(count, since);
}

type Ticks = { tick: [n: number] };

/** Emissions with one callback at default options. */
export function emit(count: number): number {
  const emitter = new Emitter<Ticks>({ events: ["tick"] });
  let sum = 0;
  emitter.on("tick", (n) => sum += n);
  const since = performance.now();
  for (let n = 0; n < count; n++) emitter.emit("tick", n);
  check(sum, sumBelow(count));
  return rate(count, since);
}

/** Emissions that nobody listens to. */
export function emitUnheard(count: number): number {
  const emitter = new Emitter<Ticks>({ events: ["tick"] });
  const since = performance.now();
  for (let n = 0; n < count; n++) emitter.emit("tick", n);
  check(emitter.eventCounts.tick, count);
  return rate(count, since);
}

/** Dispatches of the platform's `EventTarget` with one listener. */
export function eventTarget(count: number): number {
  const target = new EventTarget();
  let sum = 0;
  target.addEventListener("tick", (event) => sum += (event as CustomEvent<number>).detail);
  const since = performance.now();
  for (let n = 0; n < count; n++) target.dispatchEvent(new CustomEvent("tick", { detail: n }));
  check(sum, sumBelow(count));
  return rate(count, since);
}

/** A scheduler whose workers are all up before the measured work is submitted. */
function prepare() {
  const scheduler = Scheduler.withWorkers(WORKERS);
  const task = scheduler.task((n: number) => n);
  const up = scheduler.task(() => new Promise((resolve) => setTimeout(resolve, 20)));
  const warm = (start: () => void) => {
    scheduler.onStart(async () => {
      await Promise.all(Array.from({ length: WORKERS }, () => up.submit()));
      start();
    });
  };
  return { scheduler, task, warm };
}
