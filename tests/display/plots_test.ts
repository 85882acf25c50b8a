// toSVG(): pictures of real runs, its options, and what it needs.
import { QueueMonitor, Retry, Scheduler } from "@amltk/scheduling";
import { type PlotOptions, toSVG } from "@amltk/scheduling/plots";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";
import { runFixture } from "../fixtures/run_fixture.ts";
import { elementsOf, parseXml, type XmlElement } from "../fixtures/xml.ts";

const MAKERS: Readonly<Record<string, () => Scheduler>> = {
  workers: () => Scheduler.withWorkers(2, BATCH),
  processes: () => Scheduler.withProcesses(2, BATCH),
  sequential: () => Scheduler.withSequential(),
};

function texts(svg: XmlElement): string[] {
  return elementsOf(svg, "text").map(({ text }) => text);
}

function tooltips(svg: XmlElement): string[] {
  return elementsOf(svg, "rect").flatMap((bar) => elementsOf(bar, "title")).map(({ text }) => text);
}

for (const [name, make] of Object.entries(MAKERS)) {
  Deno.test(`${name}: toSVG() draws the calls of a run`, async () => {
    const scheduler = make();
    const monitor = new QueueMonitor(scheduler);
    const wait = scheduler.task(async (ms: number) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      if (ms === 30) throw new RangeError("30");
    }, { name: "wait" });
    scheduler.onStart(() => {
      for (const ms of [10, 20, 30, 40]) wait.submit(ms);
    });
    await scheduler.run({ onException: { tasks: "ignore" } });
    const svg = parseXml(toSVG(monitor));
    assert(texts(svg).includes("3 finished, 1 failed, 0 cancelled"));
    const bars = tooltips(svg).map((text) => /^wait #\d+: (\w+) after/.exec(text)?.[1]);
    assertEquals(bars.sort(), ["failed", "finished", "finished", "finished"]);
  });
}

for (const name of ["workers", "processes"] as const) {
  Deno.test(`${name}: toSVG() shows attempts and lost workers`, async () => {
    const scheduler = MAKERS[name]?.() ?? Scheduler.withSequential();
    const monitor = new QueueMonitor(scheduler);
    const plugins = new Retry({ maxAttempts: 2, backoff: 0 });
    const exit = scheduler.task(() => Deno.exit(1), { name: "exit", plugins });
    scheduler.onStart(() => void exit.submit());
    await scheduler.run({ onException: { tasks: "ignore" } });
    const svg = parseXml(toSVG(monitor));
    const [first = "", second = ""] = tooltips(svg);
    assertStringIncludes(first, "failed, tried again after");
    assertStringIncludes(second, ", attempt 2: failed: worker lost after");
    const numbers = monitor.losses.map(({ worker }) => worker);
    assertEquals(numbers.length, 2);
    for (const number of numbers) assert(texts(svg).includes(`worker ${number} lost`));
    assert(texts(svg).some((text) => text.startsWith("2 workers were lost: worker ")));
  });
}

Deno.test("toSVG() draws a run that is under way", async () => {
  const scheduler = Scheduler.withSequential();
  const monitor = new QueueMonitor(scheduler);
  let svg: XmlElement | undefined;
  scheduler.onStart(() => {
    scheduler.submit(() => {
      monitor.update();
      svg = parseXml(toSVG(monitor));
    });
    scheduler.submit(() => 1);
  });
  await scheduler.run();
  assert(svg !== undefined);
  assert(texts(svg).includes("0 finished, 0 failed, 0 cancelled, 1 running, 1 queued"));
  assertEquals(tooltips(svg).map((text) => / #\d+: ([\w ]+) after/.exec(text)?.[1]), [
    "still running",
  ]);
});

Deno.test("toSVG() draws several runs with nothing in between", async () => {
  const scheduler = Scheduler.withSequential();
  const monitor = new QueueMonitor(scheduler);
  scheduler.onStart(() => void scheduler.submit(() => new Promise((r) => setTimeout(r, 20))));
  await scheduler.run();
  await new Promise((resolve) => setTimeout(resolve, 40));
  await scheduler.run();
  const svg = parseXml(toSVG(monitor, { title: "Two runs" }));
  assertEquals([tooltips(svg).length, texts(svg)[0]], [2, "Two runs"]);
});

Deno.test("toSVG() refuses bad input by name", () => {
  const monitor = new QueueMonitor(Scheduler.withSequential());
  const draw = (...args: unknown[]) => () => toSVG(...args as [QueueMonitor, PlotOptions]);
  assertThrows(draw(), TypeError, "toSVG() takes a QueueMonitor, not undefined");
  assertThrows(draw({ records: [] }), TypeError, "toSVG() takes a QueueMonitor, not an object");
  assertThrows(draw(monitor, { color: 1 }), TypeError, `toSVG() has no option "color"`);
  assertThrows(draw(monitor, { interval: "1" }), TypeError, "interval must be a number");
  assertThrows(draw(monitor, { interval: 0 }), RangeError, "more than 0 milliseconds, not 0");
  assertThrows(draw(monitor, { interval: NaN }), RangeError, "interval must be a finite number");
  assertThrows(draw(monitor, { width: 319 }), RangeError, "width must be from 320 to 10000 pixels");
  assertThrows(draw(monitor, { height: 1e5 }), RangeError, "height must be from 320 to 10000");
  assertThrows(draw(monitor, { title: 1 }), TypeError, "title must be a string, not 1");
  assertStringIncludes(toSVG(monitor, { interval: 1, title: undefined }), "no records yet");
});

Deno.test("toSVG() needs no permission", async () => {
  const { code, stdout, stderr } = await runFixture("draws_plot.ts", []);
  assertEquals([code, stdout.trim()], [0, "1 finished, 0 failed, 0 cancelled"], stderr);
});
