// The display of a run in a notebook, with a kernel that keeps what it is sent.
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { type Call, Comm, Scheduler, type WorkerComm } from "@amltk/scheduling";
import { type Kernel, kernel as kernelOfNotebook } from "../../scheduling/display/_kernel.ts";
import { NotebookDisplay } from "../../scheduling/display/_notebook.ts";
import { BATCH } from "../fixtures/batch_option.ts";
import { FakeTime } from "../fixtures/fake_time.ts";
import { HOSTILE, shownAs } from "../fixtures/hostile_texts.ts";
import { type ParsedHtml, safeHtml, tableOf, textsOf } from "../fixtures/parsed_html.ts";

type Printed = [text: string, stream?: "stdout" | "stderr", call?: Call | null];
type Sent = Parameters<Kernel["display"]>;

/** A kernel that keeps what it is sent; `answer` is what it does about each. */
class KeptKernel implements Kernel {
  readonly sent: Sent[] = [];
  readonly #answer: () => Promise<void>;

  constructor(answer: () => Promise<void> = () => Promise.resolve()) {
    this.#answer = answer;
  }

  get last(): ParsedHtml {
    return safeHtml(this.sent.at(-1)?.[0]["text/html"] ?? "");
  }

  display(...sent: Sent): Promise<void> {
    this.sent.push(sent);
    return this.#answer();
  }
}

function displayOf(
  scheduler: Scheduler,
  settings: { interval?: number; total?: number },
  kernel: Kernel,
): NotebookDisplay {
  return new NotebookDisplay(scheduler, settings, scheduler.statistics(), kernel);
}

function callOf(name: string, id: number): Call {
  return { name, id } as Call;
}

/** The folds of what tasks have printed: the summary, and the lines. */
function outputs(html: ParsedHtml): [summary: string, ...lines: string[]][] {
  const summaries = textsOf(html, "summary").map((text) => text.replaceAll(/\s+/g, " "))
    .filter((text) => text.startsWith("Output of "));
  const lines = textsOf(html, "pre").map((text) => text.split("\n"));
  return summaries.map((summary, index) => [summary, ...lines[index] ?? []]);
}

/** The texts that a display shows after these were printed. */
async function printed(
  ...texts: readonly Printed[]
): Promise<[summary: string, ...lines: string[]][]> {
  const kernel = new KeptKernel();
  const display = displayOf(Scheduler.withSequential(), {}, kernel);
  display.begin();
  for (const [text, stream = "stdout", call = callOf("fit", 1)] of texts) {
    display.printed(text, stream, call ?? undefined);
  }
  await display.end();
  return outputs(kernel.last);
}

Deno.test("kernel() is undefined outside of a notebook", () => {
  assertEquals(kernelOfNotebook(), undefined);
});

Deno.test("NotebookDisplay updates one output, at most twice a second", async () => {
  using time = new FakeTime();
  const kernel = new KeptKernel();
  const display = displayOf(Scheduler.withSequential(), { interval: 1 }, kernel);
  display.begin();
  await time.tickAsync(10_000);
  assertEquals(kernel.sent.length, 21);
  await display.end();
  const options = kernel.sent.map(([, options]) => options);
  assertEquals(new Set(options.map((each) => each.display_id)).size, 1);
  assertEquals(options.map(({ update }) => update), [false, ...new Array(21).fill(true)]);
  assert(options.every(({ raw }) => raw));
  await time.tickAsync(10_000);
  assertEquals([kernel.sent.length, time.timerCount], [22, 0]);
});

Deno.test("NotebookDisplay keeps to a longer interval", async () => {
  using time = new FakeTime();
  const kernel = new KeptKernel();
  const display = displayOf(Scheduler.withSequential(), { interval: 5000 }, kernel);
  display.begin();
  await time.tickAsync(10_000);
  await display.end();
  assertEquals(kernel.sent.length, 4);
});

Deno.test("NotebookDisplay waits for a kernel that is slow", async () => {
  using time = new FakeTime();
  const { promise, resolve } = Promise.withResolvers<void>();
  const kernel = new KeptKernel(() => promise);
  const display = displayOf(Scheduler.withSequential(), {}, kernel);
  display.begin();
  await time.tickAsync(10_000);
  assertEquals(kernel.sent.length, 1);
  const ended = display.end();
  await time.tickAsync(0);
  assertEquals(kernel.sent.length, 1);
  resolve();
  await ended;
  assertEquals(kernel.sent.map(([, { update }]) => update), [false, true]);
});

Deno.test("NotebookDisplay ends though its kernel has stopped", async () => {
  const kernel = new KeptKernel(() => new Promise(() => {}));
  const display = displayOf(Scheduler.withSequential(), {}, kernel);
  display.begin();
  await display.end();
  assertEquals(kernel.sent.length, 1);
});

Deno.test("NotebookDisplay survives a kernel that fails", async () => {
  using time = new FakeTime();
  let left = 2;
  const kernel = new KeptKernel(() =>
    left-- > 0 ? Promise.reject(new Error("gone")) : Promise.resolve()
  );
  const display = displayOf(Scheduler.withSequential(), {}, kernel);
  display.begin();
  await time.tickAsync(1000);
  await display.end();
  // The output is made by the first one that succeeds.
  assertEquals(kernel.sent.map(([, { update }]) => update), [false, false, false, true]);
});

Deno.test("NotebookDisplay survives statistics that throw", async () => {
  const scheduler = Scheduler.withSequential();
  const kernel = new KeptKernel();
  const display = displayOf(scheduler, {}, kernel);
  scheduler.statistics = () => {
    throw new Error("no statistics");
  };
  display.begin();
  await display.end();
  assertEquals(kernel.sent, []);
});

Deno.test("NotebookDisplay shows a run with progress, total and end", async () => {
  type Asks = WorkerComm<{ asked: string; answered: boolean }>;
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const task = scheduler.task(async (comm: Asks, n: number) => {
    comm.progress(0.25, "epoch <1>");
    await comm.request("seen");
    return n;
  }, { name: "fit", plugins: new Comm() });
  using time = new FakeTime();
  const kernel = new KeptKernel();
  const display = displayOf(scheduler, { total: 4 }, kernel);
  const pages: ParsedHtml[] = [];
  task.on("comm-request", async (_future, _data, respond) => {
    await time.tickAsync(500);
    pages.push(kernel.last);
    respond(true);
  });
  scheduler.onStart(() => {
    display.begin();
    for (const n of [1, 2]) task.submit(n);
  });
  await scheduler.run();
  await display.end();
  pages.push(kernel.last);

  const [first, second, last] = pages;
  assert(first !== undefined && second !== undefined && last !== undefined);
  const barOf = (html: ParsedHtml) => textsOf(html, "p")[0]?.trim() ?? "";
  assertEquals(barOf(first), "0 % 0 %: 0 of 4 calls have ended");
  assertMatch(barOf(second), /^25 % 25 %: 1 of 4 calls have ended, about .+ left$/);
  assertEquals(barOf(last), "50 % 50 %: 2 of 4 calls have ended");
  assertMatch(tableOf(first, "Workers")[1]?.[2] ?? "", /^fit\(1\) #\d+ 25 % 25 %: epoch <1>$/);
  assertEquals(tableOf(last, "Calls")[1]?.slice(0, 5), ["fit", "0", "0", "0", "2"]);
  // Folds that an update would fold again come with the last one.
  assertEquals([first, last].map((html) => textsOf(html, "summary")), [
    [],
    ["Events and callbacks", "Task fit"],
  ]);
  // Its listeners are gone.
  assertEquals(scheduler.hears("future-submitted"), false);
});

Deno.test("NotebookDisplay counts the calls of its own run alone", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => new Array(n));
  const bars: string[] = [];
  const rows: string[][] = [];
  const done: (string | undefined)[] = [];
  for (let run = 0; run < 2; run++) {
    const kernel = new KeptKernel();
    const display = displayOf(scheduler, { total: 4 }, kernel);
    scheduler.onStart(() => {
      display.begin();
      for (const n of [1, 2, -1]) task.submit(n);
      task.submit(3).cancel();
    }, { limit: 1 });
    await scheduler.run({ onException: "ignore" });
    await display.end();
    bars.push(textsOf(kernel.last, "p")[0]?.trim() ?? "");
    rows.push(...tableOf(kernel.last, "Calls").slice(1).map((row) => row.slice(4, 7)));
    done.push(tableOf(kernel.last, "Workers")[1]?.[4]);
  }
  assertEquals(bars, new Array(2).fill("100 % 100 %: 4 of 4 calls have ended"));
  assertEquals(rows, new Array(4).fill(["2", "1", "1"]));
  assertEquals(done, ["3", "3"]);
});

Deno.test("NotebookDisplay leaves out a total that more calls have exceeded", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n);
  const kernel = new KeptKernel();
  const display = displayOf(scheduler, { total: 2 }, kernel);
  const bars: string[][] = [];
  scheduler.onStart(async () => {
    await Promise.all([task.submit(1), task.submit(2)]);
    display.begin();
    await task.submit(3);
  });
  await scheduler.run();
  await display.end();
  for (const [bundle] of kernel.sent) {
    bars.push(
      textsOf(safeHtml(bundle["text/html"] ?? ""), "p").filter((text) =>
        /calls have ended/.test(text)
      ),
    );
  }
  assertEquals(bars.map((found) => found.length), [1, 0]);
});

Deno.test("NotebookDisplay.printed() shows the lines of each task", async () => {
  const shown = await printed(
    ["one\ntwo\n"],
    ["warning\n", "stderr"],
    ["loaded\n", "stdout", callOf("load", 2)],
    ["three", "stdout", callOf("fit", 3)],
    ["a timer\n", "stdout", null],
  );
  assertEquals(shown, [
    ["Output of fit (4 lines)", "#1 one", "#1 two", "#1 stderr warning", "#3 three"],
    ["Output of load (1 line)", "#2 loaded"],
    ["Output of no call (1 line)", "a timer"],
  ]);
});

Deno.test("NotebookDisplay.printed() knows the number of a settled call", async () => {
  const kernel = new KeptKernel();
  const display = displayOf(Scheduler.withSequential(), {}, kernel);
  const [known, unknown] = [callOf("fit", 1), callOf("fit", 2)];
  display.begin();
  display.printed("one ", "stdout", known);
  for (const call of [known, unknown]) Object.assign(call, { id: 0, settled: true });
  display.printed("line\n", "stdout", known);
  display.printed("late\n", "stdout", unknown);
  await display.end();
  assertEquals(outputs(kernel.last), [["Output of fit (2 lines)", "#1 one line", "late"]]);
});

Deno.test("NotebookDisplay.printed() joins the parts of a line", async () => {
  const other = callOf("fit", 2);
  const shown = await printed(
    ["a"],
    ["x", "stdout", other],
    ["E", "stderr"],
    ["b"],
    ["y\n", "stdout", other],
    ["c\nd"],
    [""],
    ["e\n"],
    ["\n"],
    ["F\n", "stderr"],
  );
  assertEquals(shown, [
    ["Output of fit (5 lines)", "#1 abc", "#2 xy", "#1 stderr EF", "#1 de", "#1 "],
  ]);
});

Deno.test("NotebookDisplay.printed() shows a line as a terminal would", async () => {
  const shown = await printed(
    ["10 %\r50 %"],
    ["\r"],
    ["100 %\nlast\r\n"],
    ["\x1b[31mred\x1b[39m \x1b]0;title\x07 \x07\n"],
  );
  assertEquals(shown, [[
    "Output of fit (3 lines)",
    "#1 100 %",
    "#1 last",
    "#1 red  \\x07",
  ]]);
});

Deno.test("NotebookDisplay.printed() keeps the last 20 lines of 300 characters", async () => {
  const lines = Array.from({ length: 5000 }, (_, index) => `${index}\n`);
  const [many] = await printed([lines.slice(0, 2500).join("")], [lines.slice(2500).join("")]);
  assertEquals(many?.[0], "Output of fit (5,000 lines, the last 20 are shown)");
  assertEquals(many?.slice(1), lines.slice(-20).map((line) => `#1 ${line.trim()}`));
  const [long] = await printed(["x".repeat(1e6)], ["y".repeat(1e6)], ["\n"]);
  assertEquals(long, ["Output of fit (1 line)", `#1 ${"x".repeat(300)}`]);
});

Deno.test("NotebookDisplay.printed() shows a few lines until the run ends", async () => {
  using time = new FakeTime();
  const kernel = new KeptKernel();
  const display = displayOf(Scheduler.withSequential(), {}, kernel);
  display.begin();
  for (let n = 0; n < 8; n++) display.printed(`${n}\n`, "stdout", callOf("fit", 1));
  await time.tickAsync(500);
  const [during] = outputs(kernel.last);
  await display.end();
  assertEquals(during, [
    "Output of fit (8 lines, the last 5 are shown)",
    ...["#1 3", "#1 4", "#1 5", "#1 6", "#1 7"],
  ]);
  assertEquals(outputs(kernel.last)[0]?.length, 9);
});

Deno.test("NotebookDisplay.printed() keeps apart 32 tasks, and all others together", async () => {
  const calls = Array.from({ length: 100 }, (_, index) => callOf(`task ${index}`, index));
  const shown = await printed(...calls.map((call): Printed => ["x\n", "stdout", call]));
  assertEquals(shown.length, 33);
  assertEquals(shown.at(-1)?.[0], "Output of other tasks (68 lines, the last 20 are shown)");
});

for (const [what, text] of Object.entries(HOSTILE)) {
  Deno.test(`NotebookDisplay shows ${what} as text`, async () => {
    const [shown] = await printed([`${text}\n`, "stdout", callOf(text, 1)]);
    const name = shownAs(text).replaceAll(/\s+/g, " ");
    assertMatch(shown?.[0] ?? "", /^Output of /);
    assertEquals(shown?.[0].startsWith(`Output of ${name}`), true);
  });
}

Deno.test("NotebookDisplay sends no more with a long queue", async () => {
  const sizes: number[] = [];
  for (const count of [100, 10_000]) {
    const scheduler = Scheduler.withSequential();
    const kernel = new KeptKernel();
    const display = displayOf(scheduler, {}, kernel);
    scheduler.onStart(() => {
      for (let n = 0; n < count; n++) scheduler.submit((x: number) => x, n);
      display.begin();
      scheduler.stop();
    });
    await scheduler.run();
    await display.end();
    sizes.push(kernel.sent[0]?.[0]["text/html"].length ?? 0);
  }
  assertLess(Math.abs((sizes[0] ?? 0) - (sizes[1] ?? 0)), 50);
});
