// A short run of the chaos tool on each executor.
import { assert, assertEquals, assertGreater } from "@std/assert";
import { EXECUTORS, kindsFor } from "../../tools/chaos/kinds.ts";
import { reportText } from "../../tools/chaos/report.ts";
import { isGood, runChaos } from "../../tools/chaos/run.ts";

const TASKS = 500;
const DEADLINE = 60_000;

for (const executor of EXECUTORS) {
  Deno.test(`${executor}: no task is lost, duplicated or wrong`, async () => {
    // A new seed each time. A failure names the seed that reproduces it.
    const seed = Math.floor(Math.random() * 2 ** 31);
    const batch = seed % 2 === 0 ? "adaptive" : 1;
    const report = await runChaos({
      executor,
      kinds: kindsFor(executor),
      batch,
      tasks: TASKS,
      seed,
      deadline: DEADLINE,
    });
    assert(isGood(report), `batch ${batch}: ${reportText(report)}`);
    assertEquals(report.submitted, TASKS);
    const { result = 0, cancelled = 0, ...exceptions } = report.settled;
    const failed = Object.values(exceptions).reduce((sum, count) => sum + count, 0);
    assertEquals(result + cancelled + failed, TASKS);
    for (const count of [result, cancelled, failed]) assertGreater(count, 0);
  });
}
