// The parts of the test suite: together they hold every test, and all are run and counted.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { countsIn } from "../../tools/deno_test.ts";
import { fullParts, type Part, QUICK } from "../../tools/suite/parts.ts";
import { runParts } from "../../tools/suite/run_parts.ts";
import { exists } from "../fixtures/exists.ts";
import { filesOf, read } from "../fixtures/module_graph.ts";

const WORKERS = /with(Workers|Processes)\(|new (WebWorker|Process)Executor\(|makers\(BATCH\)/;
// These mention workers without starting any, set the size of batches themselves, or have calls that are
// sent alone, because they have messages or no others follow them.
const WITHOUT_BATCH_OPTION = [
  "tests/executors/comm_bounds_test.ts",
  "tests/executors/comm_faults_test.ts",
  "tests/executors/comm_test.ts",
  "tests/executors/lost_memory_test.ts",
  "tests/executors/order_of_start_test.ts",
  "tests/executors/process_config_test.ts",
  "tests/executors/process_executor_test.ts",
  "tests/executors/process_faults_test.ts",
  "tests/executors/process_group_test.ts",
  "tests/executors/stream_batches_test.ts",
  "tests/executors/worker_permissions_test.ts",
  "tests/plugins/comm_test.ts",
];

const testFiles = await filesOf(["tests"], "_test.ts");
const full = await fullParts();

/** Whether a part runs a file. */
function holds({ args }: Part, file: string): boolean {
  const ignored = args.filter((arg) => arg.startsWith("--ignore="))
    .flatMap((arg) => arg.replace("--ignore=", "").split(","));
  const isBelow = (path: string) => file === path || file.startsWith(`${path}/`);
  return args.some(isBelow) && !ignored.some(isBelow);
}

Deno.test("Every test file is in exactly one part", () => {
  const parts = [...QUICK, ...full.filter(({ env }) => env === undefined)];
  for (const file of testFiles) {
    assertEquals(parts.filter((part) => holds(part, file)).length, 1, file);
  }
  // A file that was moved must not leave its old name in a list.
  const named = parts.flatMap(({ args }) => args).filter((arg) => /^tests\/.*_test\.ts$/.test(arg));
  for (const file of named) assert(testFiles.includes(file), file);
});

Deno.test("The suite runs the examples of all documents", () => {
  const args = [...QUICK, ...full].map(({ args }) => args).filter(([first]) => first === "--doc");
  for (const path of ["mod.ts", "scheduling", "plugins", "executors", "README.md", "docs"]) {
    assertEquals(args.filter((each) => each.includes(path)).length, 1, path);
  }
});

Deno.test("Tests of executors run with batches of 1 too", async () => {
  const batched = full.filter(({ env }) => env !== undefined);
  assertEquals(batched.map(({ env }) => env), [{ BATCH: "1" }]);
  for (const file of testFiles.filter((file) => file.startsWith("tests/executors/"))) {
    const isQuick = QUICK.some((part) => holds(part, file));
    const expected = isQuick && WORKERS.test(await read(file)) &&
      !WITHOUT_BATCH_OPTION.includes(file);
    assertEquals(batched.map((part) => holds(part, file)), [expected], file);
  }
});

// --- how parts are run

const TESTS = {
  good: `Deno.test("good", () => {});`,
  batched: `Deno.test(Deno.env.get("BATCH"), () => {});`,
  bad: `Deno.test("bad", () => { throw new Error("no"); });`,
};

/** Runs parts of one file each. */
async function run(files: Readonly<Record<string, string>>, abort = new AbortController()) {
  const folder = await Deno.makeTempDir();
  const parts: Part[] = [];
  for (const [name, text] of Object.entries(files)) {
    const path = `${folder}/${name}_test.ts`;
    await Deno.writeTextFile(path, text);
    parts.push({ name, args: [path], ...(name === "batched" ? { env: { BATCH: "7" } } : {}) });
  }
  const printed: string[] = [];
  const print = (text: string) => void printed.push(text);
  const good = await runParts(parts, { jobs: 2, signal: abort.signal, print })
    .finally(() => Deno.remove(folder, { recursive: true }));
  return { good, printed, summary: printed.at(-1)?.split("\n") ?? [] };
}

Deno.test("runParts() prints each part, then the sum", async () => {
  const { good, printed, summary } = await run({ good: TESTS.good, batched: TESTS.batched });
  assertEquals([good, printed.length, summary.at(-1)], [true, 4, "2 passed, 0 failed"]);
  const whole = printed.find((text) =>
    text.includes("running 1 test from") && text.includes("7 ...")
  );
  assertMatch(whole ?? "", /ok: batched, 1 passed, 0 failed, \d+ s \(BATCH=7 --shuffle=\d+\)/);
});

Deno.test("runParts() runs all parts and fails if one fails", async () => {
  const { good, summary } = await run({ bad: TESTS.bad, none: "", good: TESTS.good });
  assertEquals([good, summary.at(-1)], [false, "1 passed, 1 failed"]);
  const failed = summary.filter((line) => line.startsWith("FAILED: "));
  // A part without any test counts as failed.
  assertEquals(failed.map((line) => line.split(" ")[1]).sort(), ["bad,", "none,"]);
});

Deno.test("runParts() ends a part that hangs, and fails", async () => {
  const marker = await Deno.makeTempFile();
  const hangs = `Deno.test("hangs", async () => {
    Deno.removeSync(${JSON.stringify(marker)});
    await new Promise((resolve) => setTimeout(resolve, 1e9));
  });`;
  const abort = new AbortController();
  const ending = run({ hangs }, abort);
  while (await exists(marker)) await new Promise((resolve) => setTimeout(resolve, 10));
  abort.abort();
  const { good, summary } = await ending;
  assertEquals([good, summary.at(-1)], [false, "0 passed, 1 failed"]);
});

Deno.test("countsIn() counts the tests of an interrupted run", () => {
  const printed = "one ... ok (2ms)\ntwo ... FAILED (1s)\nthree ... ok (3ms)\nfour ...";
  assertEquals(countsIn(printed), { passed: 2, failed: 2 });
  const whole = `${printed} ok (1m2s)\n\nFAILED | 3 passed | 1 failed (2m1s)\n`;
  assertEquals(countsIn(whole), { passed: 3, failed: 1 });
});
