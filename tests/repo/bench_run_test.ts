// The benchmark runs every row. Its figures need a quiet machine, so they are not checked.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { hasNatsServer } from "../fixtures/nats_server.ts";
import { runFixture } from "../fixtures/run_fixture.ts";

// The permissions of deno.json.
const PERMISSIONS = [
  "--v8-flags=--expose-gc",
  "--allow-net=127.0.0.1",
  "--allow-read",
  "--allow-env",
  "--allow-sys",
  "--allow-run",
  "--allow-write",
];
const NATS_ROWS = [
  ["chain over NATS", "bare JetStream"],
  ["fan-out over NATS", "bare JetStream"],
  ["notice of a killed machine", ""],
  ["10 MB to 4 machines", ""],
] as const;
const ROWS = [
  ["fan-out of 500 tasks", "comlink pool"],
  ["fan-out of 500 tasks", "raw pool"],
  ["fan-out of 100 tasks, best peer", ""],
  ["fan-out of 100 tasks", "comlink pool"],
  ["fan-out of 100 tasks", "raw pool"],
  ["fan-out of 100 tasks", "piscina"],
  ["fan-out of 100 tasks", "tinypool"],
  ["fan-out of 100 tasks", "workerpool"],
  ["fan-out of 100 tasks", "poolifier"],
  ["fan-out of 100 tasks", "poolifier-web-worker"],
  ["fan-out of 100 tasks", "p-queue + comlink"],
  ["fan-out of 200 tasks, fresh pool", "flooded comlink"],
  ["fan-out of 200 tasks, fresh pool", "flooded messages"],
  ["fan-out of 200 tasks, fresh program", "flooded comlink"],
  ["fan-out of 200 tasks, fresh program", "flooded messages"],
  ["chain of 100 tasks", "comlink round trip"],
  ["fan-out of 200 tasks, processes", "scheduler, workers"],
  ["fan-out of 200 tasks, processes", "marked frames"],
  ["fan-out of 200 tasks, processes", "bare frames"],
  ["fan-out of 100 tasks, processes", "tinypool, processes"],
  ["fan-out of 100 tasks, processes", "workerpool, processes"],
  ["fan-out of 100 tasks, processes", "poolifier, processes"],
  ["chain of 100 tasks, processes", "frame round trip"],
  ["makespan of 10 tasks of 0.1 to 50 ms, workers", ""],
  ["makespan of 10 tasks of 0.1 to 50 ms, processes", ""],
  ["makespan of 10 tasks of 0.1 to 50 ms, raw pool", ""],
  ["cold start, fresh worker", "comlink worker"],
  ["cold start, fresh program", "comlink worker"],
  ["cold start, process", "comlink worker"],
  ["cold start, process", "bare process"],
  ["cold start, process, fresh program", "comlink worker"],
  ["cold start, process, fresh program", "bare process"],
  ["emit, one callback", "mitt"],
  ["emit, one callback", "EventTarget"],
  ["emit, one callback", "EventTarget, one event"],
  ["emit, no callback", "empty method"],
  ["heap for each of 1000 queued tasks", ""],
  ["submit and settle, queue of 100", "queue of 10"],
  ["submit and settle, queue of 1000", "queue of 10"],
  ["argument of 1 MB, copied", "comlink worker"],
  ["argument of 1 MB, transferred", "comlink worker"],
  ["argument of 0.01 MB, workers", "bare messages"],
  ["argument of 0.1 MB, workers", "bare messages"],
  ["argument of 1 MB, workers", "bare messages"],
  ["result of 0.01 MB, workers", "bare messages"],
  ["result of 0.1 MB, workers", "bare messages"],
  ["result of 1 MB, workers", "bare messages"],
  ["argument of 0.01 MB, processes", "bare pipe"],
  ["argument of 0.1 MB, processes", "bare pipe"],
  ["argument of 1 MB, processes", "bare pipe"],
  ["result of 0.01 MB, processes", "bare pipe"],
  ["result of 0.1 MB, processes", "bare pipe"],
  ["result of 1 MB, processes", "bare pipe"],
  ["trial on 1 MB of shared data", "1 KB"],
  ["longest blocked, 500 tasks at once", ""],
  ["longest blocked, 500 tasks in slices of 100", ""],
  ["CPU of the main thread while workers compute 100 ms", ""],
  ...(hasNatsServer ? NATS_ROWS : []),
] as const;

Deno.test("The benchmark runs every row with --small", async () => {
  const { code, stdout, stderr } = await runFixture("../../bench/main.ts", PERMISSIONS, [
    "--small",
  ]);
  assertEquals(code, 0, stderr);
  const table = stdout.slice(stdout.lastIndexOf("verdict")).split("\n");
  for (const [name, over] of ROWS) {
    const line = table.find((line) => line.startsWith(`${name}  `) && line.includes(`  ${over}`));
    assert(line !== undefined, `${name} ÷ ${over} is missing in ${stdout}`);
    assert(/ \d[\d,.]* (ops\/s|ms|µs|bytes|%|× ideal)/.test(line), line);
    assert(!/reached|missed/.test(line), line);
  }
});

Deno.test("The benchmark measures a row alone", async () => {
  const { code, stdout, stderr } = await runFixture("../../bench/main.ts", PERMISSIONS, [
    "--small",
    "--only=chain of 100 tasks / comlink round trip",
  ]);
  assertEquals(code, 0, stderr);
  const table = stdout.slice(stdout.lastIndexOf("verdict")).trim().split("\n").slice(1);
  assertEquals(table.map((line) => line.split("  ", 1)[0]), ["chain of 100 tasks"]);
});

Deno.test("The benchmark lists its rows for an unknown one", async () => {
  const { code, stdout, stderr } = await runFixture("../../bench/main.ts", PERMISSIONS, [
    "--only=chains",
  ]);
  assertEquals([code, stdout], [2, ""]);
  assertStringIncludes(stderr, `No row is named "chains"`);
  assertStringIncludes(stderr, "\nchain of 5000 tasks / comlink round trip\n");
});

Deno.test("The benchmark rejects an unknown option", async () => {
  const { code, stdout, stderr } = await runFixture("../../bench/main.ts", PERMISSIONS, [
    "--smal",
  ]);
  assertEquals([code, stdout], [2, ""]);
  assertStringIncludes(stderr, "'--smal'");
  assertStringIncludes(stderr, "Usage: deno task bench");
});
