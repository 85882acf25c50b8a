/**
 * Random values as arguments, results and shared values arrive as `structuredClone()` returns them.
 * `AMLTK_VALUES` sets their number for each executor.
 *
 * @module
 */

import { fromModule, Scheduler } from "@amltk/scheduling";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { BATCH } from "../fixtures/batch_option.ts";
import { difference } from "../fixtures/same_value.ts";
import { valueGraphs } from "../fixtures/value_arbitraries.ts";
import { makeValue, type ValueGraph } from "../fixtures/value_graph.ts";

const far = fromModule<typeof import("../fixtures/modules/value_graphs.ts")>(
  import.meta.resolve("../fixtures/modules/value_graphs.ts"),
);

const SEED = 20_261_126;
const DEFAULT_VALUES = 200;
const VALUES_A_RUN = 25;

const values = Number(Deno.env.get("AMLTK_VALUES") ?? DEFAULT_VALUES);
const lists = fc.array(valueGraphs, { minLength: VALUES_A_RUN, maxLength: VALUES_A_RUN });

testValues("workers", () => Scheduler.withWorkers(2, BATCH), { sharedBuffers: true });
testValues("processes", () => Scheduler.withProcesses(2, BATCH), {});

function testValues(
  where: string,
  makeScheduler: () => Scheduler,
  allowedInShared: { sharedBuffers?: boolean },
): void {
  Deno.test(`${where}: random values arrive as structuredClone() returns them`, async () => {
    const scheduler = makeScheduler();
    scheduler.onStart(() =>
      fc.assert(
        fc.asyncProperty(lists, async (graphs) => {
          const [args, results, shared] = await Promise.all([
            argumentDifferences(scheduler, graphs),
            resultDifferences(scheduler, graphs),
            sharedDifference(scheduler, graphs, allowedInShared),
          ]);
          const none = graphs.map(() => undefined);
          assertEquals({ args, results, shared }, { args: none, results: none, shared: undefined });
        }),
        { numRuns: Math.ceil(values / VALUES_A_RUN), seed: SEED },
      )
    );
    assertEquals((await scheduler.run()).code, "exhausted");
  });
}

function argumentDifferences(scheduler: Scheduler, graphs: ValueGraph[]) {
  return Promise.all(graphs.map((graph) => {
    return scheduler.submit(far.compare, JSON.stringify(graph), makeValue(graph), {});
  }));
}

function resultDifferences(scheduler: Scheduler, graphs: ValueGraph[]) {
  return Promise.all(graphs.map(async (graph) => {
    const result = await scheduler.submit(far.make, JSON.stringify(graph));
    return difference(result, structuredClone(makeValue(graph)));
  }));
}

async function sharedDifference(
  scheduler: Scheduler,
  graphs: ValueGraph[],
  allowed: { sharedBuffers?: boolean },
) {
  using shared = scheduler.share(graphs.map(makeValue));
  return await scheduler.submit(far.compareAll, JSON.stringify(graphs), shared, allowed);
}
