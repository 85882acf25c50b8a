/** Large graphs of calls, whose arguments are futures of other calls. @module */

import { type Future, Scheduler } from "@amltk/scheduling";
import { assert, assertEquals } from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";
import { during } from "../fixtures/during.ts";

const SCHEDULERS: Readonly<Record<string, () => Scheduler>> = {
  workers: () => Scheduler.withWorkers(2, { ...BATCH }),
  processes: () => Scheduler.withProcesses(2, BATCH),
  sequential: () => Scheduler.withSequential(),
};

/** Random numbers that are the same in each run of the tests. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor(state / 2 ** 31 * below);
  };
}

interface PlannedNode {
  readonly needs: readonly number[];
  readonly fate: "result" | "error" | "cancelled";
}

/** A random graph: each node needs up to three earlier ones. */
function plan(count: number, faults: boolean): PlannedNode[] {
  const random = randomNumbers(count);
  return Array.from({ length: count }, (_, index) => {
    const needs = Array.from({ length: Math.min(index, random(4)) }, () => random(index));
    const fates = ["error", "cancelled"] as const;
    return { needs, fate: faults && random(50) === 0 ? fates[random(2)] ?? "error" : "result" };
  });
}

Deno.test("A graph of 10,000 calls starts each once", async () => {
  for (const [name, make] of Object.entries(SCHEDULERS)) {
    const scheduler = make();
    const starts = name === "processes" ? undefined : new Int32Array(new SharedArrayBuffer(40_000));
    const task = scheduler.task(
      (starts: Int32Array | undefined, id: number, ...needs: number[]): number => {
        if (starts !== undefined) Atomics.add(starts, id, 1);
        return (id + needs.reduce((sum, each) => sum + each, 0)) % 1_000_003;
      },
    );
    const nodes = plan(10_000, false);
    const expected: number[] = [];
    for (const [id, { needs }] of nodes.entries()) {
      expected.push(needs.reduce((sum, each) => sum + (expected[each] ?? NaN), id) % 1_000_003);
    }
    const futures: Future<number>[] = [];
    const early: number[] = [];
    task.onResult((future) => {
      for (const need of future.args.slice(2) as unknown[]) {
        if (!(need as Future).done) early.push(future.id);
      }
    });
    await during(scheduler, () => {
      for (const [id, { needs }] of nodes.entries()) {
        const args = needs.map((need) => futures[need] as Future<number>);
        futures.push(task.submit(starts, id, ...args));
      }
    });
    assertEquals(futures.map(({ result }) => result), expected, name);
    assertEquals([early, scheduler.queue.size], [[], 0], name);
    if (starts !== undefined) assert(starts.every((count) => count === 1), name);
  }
});

Deno.test("Failures and cancellations travel through a graph", async () => {
  const nodes = plan(3_000, true);
  const scheduler = Scheduler.withWorkers(2, { ...BATCH });
  const task = scheduler.task((fate: string, ..._needs: unknown[]) => {
    if (fate === "error") throw new RangeError("planned");
    return 1;
  });
  const futures: Future[] = [];
  await during(scheduler, () => {
    for (const { needs, fate } of nodes) {
      futures.push(task.submit(fate, ...needs.map((need) => futures[need])));
    }
    for (const [id, { fate }] of nodes.entries()) if (fate === "cancelled") futures[id]?.cancel();
  }, { onException: [[RangeError, "ignore"]] });
  for (const [id, { needs, fate }] of nodes.entries()) {
    const { state, exception } = futures[id] as Future;
    const errors: unknown[] = needs.map((need) => futures[need]?.exception)
      .filter((error) => error !== undefined);
    if (state === "cancelled") assertEquals(fate, "cancelled", `${id}`);
    else if (errors.length > 0) assert(errors.includes(exception), `${id}`);
    else assertEquals(exception === undefined, fate === "result", `${id}`);
  }
  assert(task.eventCounts.exception > 500 && task.eventCounts.result > 100);
});
