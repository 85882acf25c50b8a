// A short run of the chaos tool on each executor.
import { assert, assertEquals, assertGreater } from "@std/assert";
import { EXECUTORS, kindsFor } from "../../tools/chaos/kinds.ts";
import { runNatsChaos } from "../../tools/chaos/nats/run.ts";
import { reportText } from "../../tools/chaos/report.ts";
import { type ChaosReport, isGood, runChaos } from "../../tools/chaos/run.ts";
import { hasNatsServer } from "../fixtures/nats_server.ts";

const TASKS = 500;
const DEADLINE = 240_000;
const REMOTE_TASKS = 200;
const BLOCK_MS = 3_000;

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
    check(report, TASKS, `batch ${batch}`);
  });
}

Deno.test({
  name: "nats: no task is lost, duplicated or wrong, whatever is disturbed",
  ignore: !hasNatsServer,
  async fn() {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const tasks = REMOTE_TASKS;
    const report = await runNatsChaos({ tasks, seed, block: BLOCK_MS, deadline: DEADLINE });
    check(report, tasks, report.disturbed.join("\n"));
    assertGreater(report.disturbed.length, 0);
  },
});

function check(report: ChaosReport, tasks: number, how: string): void {
  assert(isGood(report), `${how}: ${reportText(report)}`);
  assertEquals(report.submitted, tasks);
  const { result = 0, cancelled = 0, ...exceptions } = report.settled;
  const failed = Object.values(exceptions).reduce((sum, count) => sum + count, 0);
  assertEquals(result + cancelled + failed, tasks);
  for (const count of [result, cancelled, failed]) assertGreater(count, 0);
}
