// The benchmark runs every row. Its figures need a quiet machine, so they are not checked.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runFixture } from "../fixtures/run_fixture.ts";

// The permissions of deno.json, without the file of results.
const PERMISSIONS = [
  "--v8-flags=--expose-gc",
  "--allow-read",
  "--allow-env",
  "--allow-sys",
  "--allow-run",
  // Files that processes share with the program.
  "--allow-write=/tmp",
];
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
  ["chain of 100 tasks", "comlink round trip"],
  ["fan-out of 200 tasks, processes", "scheduler, workers"],
  ["fan-out of 200 tasks, processes", "marked frames"],
  ["fan-out of 200 tasks, processes", "bare frames"],
  ["fan-out of 200 tasks, processes", "tinypool, processes"],
  ["fan-out of 200 tasks, processes", "workerpool, processes"],
  ["chain of 100 tasks, processes", "frame round trip"],
  ["cold start, fresh worker", "comlink worker"],
  ["cold start, fresh process", "comlink worker"],
  ["emit, one callback", "mitt"],
  ["emit, one callback", "EventTarget"],
  ["emit, one callback", "EventTarget, one event"],
  ["emit, no callback", "empty method"],
  ["heap for each of 1000 queued tasks", ""],
  ["submit and settle, queue of 100", "queue of 10"],
  ["submit and settle, queue of 1000", "queue of 10"],
  ["argument of 1 MB, copied", "comlink worker"],
  ["argument of 1 MB, transferred", "comlink worker"],
  ["trial on 1 MB of shared data", "1 KB"],
  ["longest blocked, 500 tasks at once", ""],
  ["longest blocked, 500 tasks in slices of 100", ""],
  ["CPU of the main thread while workers compute 100 ms", ""],
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
    assert(/ \d[\d,.]* (ops\/s|ms|µs|bytes|%)/.test(line), line);
    assert(!/reached|missed/.test(line), line);
  }
});

Deno.test("The benchmark rejects an unknown option", async () => {
  const { code, stdout, stderr } = await runFixture("../../bench/main.ts", PERMISSIONS, [
    "--smal",
  ]);
  assertEquals([code, stdout], [2, ""]);
  assertStringIncludes(stderr, "'--smal'");
  assertStringIncludes(stderr, "Usage: deno task bench");
});
