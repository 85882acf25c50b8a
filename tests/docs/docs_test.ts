/** What the guide in docs/ says holds: its programs run as documentation tests, the rest is checked here. @module */

import { type AnyTask, type ExitCode, Limiter, ResourceLimits, Scheduler } from "@amltk/scheduling";
import { assert, assertEquals, assertGreater } from "@std/assert";
import { columns, textBlocks } from "../fixtures/diagram.ts";
import { languagesOf } from "../fixtures/fences.ts";
import { brokenLinks, linksOf } from "../fixtures/links.ts";
import { filesOf, read, ROOT } from "../fixtures/module_graph.ts";
import { traceOf } from "../fixtures/trace.ts";

const pages = await filesOf(["docs"], ".md");
const [INDEX, EVENTS, BENCH] = ["docs/README.md", "docs/events.md", "bench/README.md"];

// --- pages

Deno.test("The guide has no code block that is left out of the tests", async () => {
  for (const page of [...pages, BENCH]) {
    const languages = languagesOf(await read(page));
    // The one of the index is tested below.
    const known = ["sh", "text", "ts", ...page === INDEX ? ["json"] : []];
    for (const name of languages) assert(known.includes(name), page);
  }
});

Deno.test("A code block without a language is noticed, between others and indented", () => {
  const text = "```ts\na\n```\n\n```\nb\n```\n\n- c\n\n  ```\n  d\n  ```\n\n```text\ne\n```\n";
  assertEquals(languagesOf(text), ["ts", "", "", "text"]);
});

Deno.test("Every page of the guide has programs, which import the package by its name", async () => {
  for (const page of pages.filter((page) => page !== INDEX)) {
    const text = await read(page);
    const programs = [...text.matchAll(/^```ts$\n([\s\S]*?)^```$/gm)].map(([, code]) => code ?? "");
    assertGreater(programs.length, 0, page);
    for (const program of programs) {
      assert(/from "@amltk\/scheduling"/.test(program), page);
      assert(
        /\bassert\w*\(|executorContract/.test(program),
        `${page} asserts nothing:\n${program}`,
      );
    }
  }
});

Deno.test("The index of the guide links every page, README and CONTRIBUTING the index", async () => {
  const listed = [...(await read(INDEX)).matchAll(/^\| \[.+?\]\((\w+\.md)\)/gm)];
  const expected = pages.filter((page) => page !== INDEX);
  assertEquals(listed.map(([, name]) => `docs/${name}`).sort(), expected.sort());
  assert(linksOf(await read("README.md")).includes(INDEX));
  assert((await read("CONTRIBUTING.md")).includes("\ndocs/ "));
});

Deno.test("Every relative link of the documents leads to a file, and to a heading in it", async () => {
  const documents = [
    ...["README.md", "CONTRIBUTING.md", "SECURITY.md", "examples/README.md", BENCH],
    ...pages,
  ];
  const broken: string[] = [];
  for (const document of documents) broken.push(...await brokenLinks(document));
  assertEquals(broken, []);
});

Deno.test("The guide's import map for a checkout works", async () => {
  const json = [...(await read(INDEX)).matchAll(/^```json$\n([\s\S]*?)^```$/gm)].at(-1)?.[1] ?? "";
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/imports.json`, json.replaceAll("PATH/", ROOT.href));
    await Deno.writeTextFile(`${folder}/deno.json`, "{}");
    await Deno.writeTextFile(`${folder}/my.ts`, OWN_PROGRAM);
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      cwd: folder,
      args: ["run", "--allow-all", "--no-lock", "--import-map=imports.json", "my.ts"],
      env: { NO_COLOR: "1" },
    }).output();
    const decoder = new TextDecoder();
    assertEquals([code, decoder.decode(stdout)], [0, "[ 42, 42 ]\n"], decoder.decode(stderr));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const OWN_PROGRAM = `
import { Scheduler } from "@amltk/scheduling";
import { assertEquals } from "@std/assert";
import { Matrix } from "ml-matrix";

const results: number[] = [];
const processes = Scheduler.withProcesses(1, { config: "imports.json" });
for (const scheduler of [Scheduler.withWorkers(1), processes]) {
  const double = scheduler.task(async (n: number) => {
    const { Matrix } = await import("ml-matrix");
    return Matrix.ones(2, n).sum();
  });
  scheduler.onStart(() => {
    double.submit(21);
  });
  double.onResult((_future, n) => results.push(Matrix.ones(1, n).sum()));
  assertEquals((await scheduler.run()).code, "exhausted");
}
console.log(results);
`;

// --- the order of events

const [ofSubmission = "", ofRun = ""] = textBlocks(await read(EVENTS));

/** The task of each column of the first diagram. */
const tasks: Readonly<Record<string, (scheduler: Scheduler) => AnyTask>> = {
  success: (scheduler) => scheduler.task(() => 1),
  failure: (scheduler) => scheduler.task(fail),
  cancelled: (scheduler) => scheduler.task(() => 1),
  "limit reached": (scheduler) =>
    scheduler.task(() => new Promise(() => {}), { plugins: new ResourceLimits({ wallTime: 20 }) }),
  declined: (scheduler) => scheduler.task(() => 1, { plugins: new Limiter({ maxCalls: 1 }) }),
};

Deno.test("The guide's diagram of a submission shows what happens", async () => {
  const drawn = columns(ofSubmission);
  assertEquals(Object.keys(drawn), Object.keys(tasks));
  for (const [name, make] of Object.entries(tasks)) {
    const scheduler = Scheduler.withWorkers(1);
    const task = make(scheduler);
    const trace = traceOf(scheduler, task);
    scheduler.onStart(() => {
      const future = task.submit();
      if (name === "cancelled") future?.cancel();
    });
    // The first run uses up what a limiter allows.
    await scheduler.run({ onException: "ignore" });
    trace.length = 0;
    await scheduler.run({ onException: "ignore" });
    const ofFutures = trace.filter((event) => isOfFuture(event, task));
    const shown = ofFutures.map((event) => event.replace(`${task.name} `, "  "));
    assertEquals(shown, drawn[name], name);
  }
});

/** What ends the run of each column of the second diagram, while another future is unsettled. */
const ends: Readonly<Record<ExitCode, (scheduler: Scheduler, task: AnyTask) => void>> = {
  exhausted: () => {},
  stopped: (scheduler, task) => void task.on("result", scheduler.stop, { limit: 1 }),
  timeout: () => {},
  exception: (_scheduler, task) => void task.on("result", fail, { limit: 1 }),
  cancelled: (scheduler, task) =>
    void scheduler.onStart(() => [...task.queue][0]?.cancel(), { limit: 1 }),
};

Deno.test("The guide's diagram of a run shows what happens", async () => {
  const drawn = columns(ofRun);
  assertEquals(Object.keys(drawn), Object.keys(ends));
  for (const [code, prepare] of Object.entries(ends)) {
    const scheduler = Scheduler.withWorkers(1);
    const task = scheduler.task((ms: number) => new Promise((end) => setTimeout(end, ms)));
    const trace = traceOf(scheduler, task);
    const [timeout, ms] = code === "timeout" ? [20, 200] : [Infinity, 0];
    scheduler.onStart(() => task.submit(ms), { repeat: 2 });
    prepare(scheduler, task);
    const options = { timeout, wait: "all", onException: "end", onCancelled: "end" } as const;
    assertEquals((await scheduler.run(options)).code, code);
    const shown = trace.map((event) => isOfFuture(event, task) ? "…" : event);
    assertEquals(shown.filter((event, at) => event !== shown[at - 1]), drawn[code], code);
  }
});

Deno.test("A run that goes on when it is empty emits `empty` before what ends it", async () => {
  for (const end of ["stop", "timeout"] as const) {
    const scheduler = Scheduler.withSequential();
    const trace = traceOf(scheduler, scheduler.task(() => 1));
    scheduler.onEmpty(() => end === "stop" && scheduler.stop());
    await scheduler.run({ endOnEmpty: false, timeout: 50 });
    assertEquals(trace, ["start", "empty", end, "finishing", "finished"]);
  }
});

function fail(): never {
  throw new RangeError("no");
}

function isOfFuture(event: string, task: AnyTask): boolean {
  return event.startsWith("future-") || event.startsWith(`${task.name} `);
}
