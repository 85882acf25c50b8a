import { Scheduler, WebWorkerExecutor } from "@amltk/scheduling";
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { runFixture } from "../fixtures/run_fixture.ts";

Deno.test("permissions of Web Workers need unstableWorkerOptions", () => {
  const make = (options: Record<string, unknown>) => () => new WebWorkerExecutor(1, options);
  const flag = "--unstable-worker-options";
  assertThrows(make({ permissions: "none" }), TypeError, flag);
  assertThrows(make({ permissions: "none", unstableWorkerOptions: false }), TypeError, flag);
  assertThrows(make({ unstableWorkerOptions: 1 }), TypeError, "must be true or false, not 1");
  assertThrows(make({ permissions: "all" }), TypeError, 'must be "none" or an object');
  assertThrows(make({ permissions: { disk: true } }), TypeError, 'has no "disk"');
  assertThrows(make({ permissions: { read: "." } }), TypeError, "true, false or a list");
  make({ permissions: { read: undefined }, unstableWorkerOptions: true })();
  Scheduler.withWorkers(1, { unstableWorkerOptions: true });
});

Deno.test("Web Workers without permissions run functions and modules, nothing else", async () => {
  const { code, stdout, stderr } = await runFixture("sandboxed_workers.ts", [
    "--allow-read",
    "--unstable-worker-options",
  ]);
  assertEquals(code, 0, stderr);
  const report: { code: string; outcomes: Record<string, string> } = JSON.parse(stdout);
  const { plain, read, module, "failing module": failing, after } = report.outcomes;
  assertEquals([report.code, plain, module, after], ["exhausted", "42", "42", "4"]);
  assertMatch(read ?? "", /^NotCapable: Requires read access/);
  assertMatch(failing ?? "", /^ModuleLoadError: .*throws\.ts: thrown at the top level/);
});

Deno.test("relative paths of permissions are resolved when the executor is made", async () => {
  const { stdout, stderr } = await runFixture("workers_elsewhere.ts", [
    "--allow-read",
    "--unstable-worker-options",
  ]);
  assertEquals([stdout, stderr], ["granted prompt granted\n", ""]);
});

Deno.test("permissions beyond those of the program break the executor", async () => {
  const { stdout } = await runFixture("escalating_workers.ts", [
    "--allow-read",
    "--unstable-worker-options",
  ]);
  assertMatch(stdout, /^ExecutorBrokenError: No worker can be started: .*escalate/);
});
