// What the tree of a scheduler says about a run under way, and how it is cut.
import { Scheduler, type SchedulerStatistics, Throttle } from "@amltk/scheduling";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { renderScheduler } from "../../scheduling/display/_tree.ts";
import { widthOf } from "../../scheduling/display/_text.ts";
import { delay } from "@std/async/delay";
import { actWhen } from "../fixtures/act_when.ts";
import { maskedTree } from "../fixtures/masked_tree.ts";
import { BATCH } from "../fixtures/batch_option.ts";

const endless = () => new Promise<never>(() => {});

function panelOf(tree: string): string[] {
  const [panel = ""] = maskedTree(tree).split("\n╰");
  return panel.split("\n").slice(1).map((line) => line.slice(2));
}

/** The lines below the node with that label, without branches. */
function below(tree: string, label: string): string[] {
  const lines = maskedTree(tree).split("\n");
  const at = lines.findIndex((line) => line.startsWith(`├─ ${label}`));
  const end = lines.findIndex((line, index) => index > at && !/^│ {2}/.test(line));
  return lines.slice(at + 1, end).map((line) => line.slice(6));
}

function statisticsWith(change: Partial<SchedulerStatistics>): SchedulerStatistics {
  return { ...Scheduler.withSequential().statistics(), ...change };
}

Deno.test("the tree shows what workers run, what is held back, and for what", async () => {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const load = scheduler.task(endless, { name: "load" });
  const sum = scheduler.task((n: number) => n, { name: "sum" });
  const slow = scheduler.task((n: number) => n, {
    name: "slow",
    plugins: new Throttle({ maxStarts: 1, interval: 60_000 }),
  });
  const trees: string[] = [];
  scheduler.onStart(() => {
    const loading = load.submit();
    sum.submit(loading);
    slow.submit(1);
    slow.submit(2);
    actWhen(scheduler, () => scheduler.statistics().runningCount === 1, () => {
      trees.push(scheduler.toString().replaceAll(`#${loading.id}`, "#<id>"));
      scheduler.stop();
    });
  });
  await scheduler.run({ wait: false });
  const [tree = ""] = trees;
  assertEquals(panelOf(tree).slice(1, 3), [
    "queue     3 pending (2 held back), 1 running",
    "time      <time>, <rate>",
  ]);
  assertEquals(below(tree, "workers"), ["1 runs load #<id> for <time>, 0 calls done"]);
  assertStringIncludes(tree, "task sum, 1 in the queue (1 held back: wait for load)");
  assertStringIncludes(tree, "task slow, 2 in the queue (1 held back)");
});

Deno.test("the tree shows which callbacks a run waits for, and how it ended", async () => {
  const scheduler = Scheduler.withSequential();
  const gate = Promise.withResolvers<void>();
  const panels: string[][] = [];
  const look = () => panels.push(panelOf(scheduler.toString()).slice(3));
  scheduler.onStart(() => scheduler.callLater(1, look));
  scheduler.onStart(async function seed() {
    await gate.promise;
  });
  scheduler.onFinishing(async function save() {
    while (scheduler.statistics().waitsFor !== "callbacks") await delay(1);
    look();
    gate.resolve();
  });
  scheduler.onStart(() => scheduler.callLater(2, () => scheduler.stop("enough\x07")));
  await scheduler.run();
  look();
  assertEquals(panels, [
    ["waits for seed() of start for <time>"],
    ["waits for seed() of start for <time>, save() of finishing for <time>"],
    ["last run  stopped: enough\\x07"],
  ]);
});

Deno.test("the tree shows the error that ended a run, and the futures that settled last", async () => {
  const scheduler = Scheduler.withSequential();
  const fail = scheduler.task((text: string, options: object) => {
    throw new RangeError(`no \x1b[2J${text} ${Object.keys(options).length}`);
  }, { name: "fail" });
  scheduler.onStart(() => {
    fail.submit("a\n", { b: [1, 2] });
    fail.submit("c", {});
  });
  fail.onException(() => scheduler.queue.forEach((future) => future.cancel()));
  await scheduler.run().catch(() => {});
  const tree = scheduler.toString();
  assertEquals(panelOf(tree).at(-1), "last run  exception: RangeError: no \\x1b[2Ja\\n 1");
  assertEquals(below(tree, "last futures").map((line) => line.replace(/#\d+/, "#<id>")), [
    '#<id> fail("a\\n", { b: [ 1, 2 ] }) exception after <time>: RangeError: no \\x1b[2Ja\\n 1',
    '#<id> fail("c", {}) cancelled before its start',
  ]);
});

Deno.test("the tree writes out escapes in every name", () => {
  const name = "x\x1b]0;title\x07\u202e";
  const scheduler = Scheduler.withSequential();
  const plugin = { name, events: [name], statistics: () => ({ [name]: name }) };
  const task = scheduler.task(() => 1, { name, plugins: plugin });
  const callback = { [name]: () => {} }[name] as () => void;
  task.on(name as never, callback, { limit: 5 });
  // deno-lint-ignore no-control-regex -- what must not be there
  const raw = /[\x00-\x09\x0b-\x1f\u202e]/;
  assertEquals(raw.exec(scheduler.toString()), null);
  assertEquals(raw.exec(task.toString()), null);
  assertEquals(task.toString().split("x\\x1b]0;title\\x07\\u202e").length - 1, 6);
});

Deno.test("the tree lists the workers of interest when there are many", () => {
  const workers = Array.from({ length: 40 }, (_, index) => ({
    number: index + 1,
    state: index === 20 ? "busy" as const : "idle" as const,
    call: index === 20 ? { task: "train", future: 7, startedAt: performance.now() } : undefined,
    callsDone: 1234,
    starts: index === 30 ? 3 : 1,
    losses: index === 30 ? 2 : 0,
  }));
  const tree = renderScheduler(statisticsWith({ workers }), {
    colors: false,
    depth: Infinity,
    width: Infinity,
  });
  assertEquals(below(tree, "workers"), [
    "21 runs train #7 for <time>, 1234 calls done",
    "31 idle, 1234 calls done, started 3 times, lost 2 times",
    "… and 38 more",
  ]);
});

Deno.test("the tree has no line that is wider than the terminal", () => {
  const scheduler = Scheduler.withSequential();
  scheduler.task((n: number) => n, { name: "評価".repeat(40) });
  const statistics = {
    ...scheduler.statistics(),
    lastExit: { code: "exception" as const, error: "誤り ".repeat(30) },
  };
  for (const width of [20, 41, 80]) {
    const lines = renderScheduler(statistics, { colors: true, depth: 4, width }).split("\n");
    assertEquals(lines.filter((line) => widthOf(line) > width), []);
    const panel = lines.filter((line) => /^[╭│╰] ?/.test(line) && /[╮│╯]$/.test(line));
    assertEquals(new Set(panel.map(widthOf)).size, 1);
  }
});

Deno.test("console.log() draws as deep a tree as it is asked for", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n, { name: "square" });
  task.onResult(function collect() {});
  scheduler.onStart(() => {
    task.submit(1);
  });
  await scheduler.run();
  const shallow = Deno.inspect(scheduler, { depth: 0 });
  assertMatch(shallow, /├─ workers …\n├─ last futures …\n├─ start 1 …\n/);
  assertMatch(shallow, /└─ task square, .* …$/);
  const deeper = Deno.inspect(scheduler, { depth: 1 });
  assertMatch(deeper, /├─ result 1 …\n {3}├─ exception\n/);
  assertEquals(Deno.inspect(scheduler, { depth: 2 }), scheduler.toString());
  assertEquals(Deno.inspect(task, { depth: 0 }).includes("collect()"), false);
});
