// What notebooks show of a QueueMonitor.
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { monitorHtml, type ShownMonitor } from "../../scheduling/display/_to_html.ts";
import { QueueMonitor, Scheduler } from "@amltk/scheduling";
import { safeHtml, tableOf, textsOf } from "../fixtures/parsed_html.ts";

type Records = ShownMonitor["records"];

const NOTHING = { idle: 0, finished: 0, failed: 0, cancelled: 0 };

function recordOf(time: number, queueSize: number, running: number): Records[number] {
  return { time, queueSize, queued: queueSize - running, running, ...NOTHING };
}

/** The paths of the waiting and the running calls. */
function pathsOf(records: Records): [string, string] {
  const { elements } = safeHtml(monitorHtml({ records, losses: [] }));
  const [waiting = "", running = ""] = elements.filter(({ tagName }) => tagName === "path")
    .map(({ attrs }) => attrs.find(({ name }) => name === "d")?.value);
  return [waiting, running];
}

/** The heights of a path at each step, from 0 to 60. */
function heightsOf(path: string): number[] {
  return [...path.matchAll(/V([\d.]+)h2/g)].map(([, y]) => 60 - Number(y));
}

Deno.test("monitorHtml() of a monitor without records says so", () => {
  const html = safeHtml(monitorHtml({ records: [], losses: [] }));
  assertEquals(textsOf(html, "p"), ["QueueMonitor has no records yet"]);
});

Deno.test("monitorHtml() shows the latest counts and the losses", () => {
  const last = { ...recordOf(1500, 1234, 2), finished: 5000, failed: 1, cancelled: 3, idle: 2 };
  const html = safeHtml(monitorHtml({
    records: [recordOf(0, 0, 0), last],
    losses: [{ count: 2 }, { count: 1 }],
  }));
  assertEquals(tableOf(html, "Latest record"), [
    ["after", "queued", "running", "idle workers", "succeeded", "failed", "cancelled"],
    ["1.5 s", "1,232", "2", "2", "5,000", "1", "3"],
  ]);
  const [title, chart, lost] = textsOf(html, "p");
  assertEquals([title, lost], ["QueueMonitor 2 records", "Lost workers: 3"]);
  assertMatch(chart ?? "", /Unsettled calls over 1\.5 s, 1,234 at most: ■ running,\s■ waiting/);
});

Deno.test("monitorHtml() draws the peaks of each stretch of time", () => {
  const records = [
    recordOf(0, 10, 1),
    recordOf(5, 20, 2),
    recordOf(6, 0, 0),
    recordOf(1000, 0, 0),
    recordOf(1500, 5, 2),
    recordOf(2000, 10, 0),
  ];
  const [waiting, running] = pathsOf(records).map(heightsOf);
  assert(waiting !== undefined && running !== undefined);
  assertEquals([waiting.length, running.length], [200, 200]);
  // 200 steps of 10 ms. A value holds until the next one.
  assertEquals([0, 1, 99, 150, 151, 198, 199].map((step) => waiting[step]), [
    60,
    0,
    0,
    15,
    15,
    15,
    30,
  ]);
  assertEquals([0, 1, 150, 199].map((step) => running[step]), [6, 0, 6, 6]);
});

Deno.test("monitorHtml() of one moment and of equal times is a chart", () => {
  assertEquals(heightsOf(pathsOf([recordOf(0, 2, 1)])[1]), [30]);
  assertEquals(heightsOf(pathsOf([recordOf(0, 0, 0), recordOf(0, 0, 0)])[0]), [0]);
});

Deno.test("monitorHtml() does not grow with the records", () => {
  const records = Array.from({ length: 10_000 }, (_, n) => recordOf(n, n % 777, n % 4));
  assertLess(monitorHtml({ records, losses: [] }).length, 9000);
});

Deno.test("QueueMonitor.toHTML() shows what was recorded, in notebooks too", async () => {
  const scheduler = Scheduler.withSequential();
  using monitor = new QueueMonitor(scheduler);
  scheduler.onStart(() => {
    for (const n of [1, 2, -1]) scheduler.submit((n: number) => new Array(n), n);
  });
  await scheduler.run({ onException: "ignore" });
  const html = monitor.toHTML();
  assertEquals(tableOf(safeHtml(html), "Latest record")[1]?.slice(1), [
    ...["0", "0", "0"],
    ...["2", "1", "0"],
  ]);
  const shown = monitor as unknown as Record<symbol, () => unknown>;
  assertEquals(shown[Symbol.for("Jupyter.display")]?.(), {
    "text/html": html,
    "text/plain": Deno.inspect(monitor),
  });
});
