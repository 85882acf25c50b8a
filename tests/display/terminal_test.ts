// The display of runs on a real terminal: what is left on it, whatever happens while it is drawn.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Terminal } from "../fixtures/terminal.ts";
import { hasTool } from "../fixtures/tools.ts";

const PROGRAM = "displays_runs.ts";
const onTerminal = { ignore: !hasTool("tmux") };

const isStatus = (line: string) => /^(running|finishing|not running) \d/.test(line);
const isExit = (line: string) =>
  /^(exhausted|stopped|exception|timeout|cancelled) after [\d.]+ s/.test(line);
const isHead = (line: string) => /^task +pending/.test(line);

/** Checks that of all frames just the last one is left, and returns the lines around it. */
function aroundFrame(lines: readonly string[], heads = 1): { above: string[]; below: string[] } {
  const text = lines.join("\n");
  assertEquals(lines.filter(isStatus), [], text);
  assertEquals(lines.filter(isHead).length, heads, text);
  assertEquals(lines.filter((line) => /^worker +runs/.test(line)), [], text);
  const first = lines.findIndex(isExit);
  assert(first >= 0, text);
  const last = lines.findLastIndex((line) => / (done|failed|cancelled) +[\d.]+ m?s/.test(line));
  const below = lines.slice(Math.max(first, last) + 1);
  // An empty line separates the frame.
  assertEquals(lines[first - 1], "", text);
  return { above: lines.slice(0, first - 1), below };
}

Deno.test("display leaves its last frame on the terminal", onTerminal, async () => {
  await using terminal = await Terminal.run(PROGRAM, ["ends"]);
  const during = await terminal.shows(/^3 done/);
  assertEquals(during.filter(isStatus).length, 1);
  assert(await terminal.isNormal());
  await terminal.release("end");
  const { lines, code } = await terminal.ended();
  const { above, below } = aroundFrame(lines);
  assertEquals([above, below, code], [[], ["after the run"], 0]);
  assertMatch(
    lines[1] ?? "",
    /^exhausted after [\d.]+ s: nothing is left to do +WebWorkerExecutor, 2/,
  );
});

Deno.test("display shows the error that ended the run", onTerminal, async () => {
  await using terminal = await Terminal.run(PROGRAM, ["throws"]);
  await terminal.shows(/^3 done/);
  await terminal.release("end");
  const { lines, code } = await terminal.ended();
  const { above, below } = aroundFrame(lines);
  assertEquals([above, code], [[], 1]);
  assertMatch(lines[1] ?? "", /^exception after [\d.]+ s: RangeError: a callback failed/);
  assertMatch(below[0] ?? "", /Uncaught \(in promise\) RangeError: a callback failed/);
  assert(await terminal.isNormal());
});

for (
  const [mode, does, expected] of [
    ["crashes", "crashes", 1],
    ["exits", "exits", 7],
    ["kills", "is killed", 137],
  ] as const
) {
  Deno.test(`display leaves a normal terminal when a program ${does}`, onTerminal, async () => {
    await using terminal = await Terminal.run(PROGRAM, [mode]);
    await terminal.shows(/^3 done/);
    await terminal.release("end");
    const { lines, code } = await terminal.ended();
    assertEquals(code, expected);
    // Its last frame stands there as it was.
    assertEquals([lines.filter(isStatus).length, lines.filter(isHead).length], [1, 1]);
    assert(isStatus(lines[1] ?? ""));
    assert(await terminal.isNormal());
  });
}

Deno.test("display shows the end of a run that Ctrl-C ends", onTerminal, async () => {
  await using terminal = await Terminal.run(PROGRAM, ["signals"]);
  await terminal.shows(/^0 done +0 failed +1 running/);
  await terminal.press("C-c");
  const { lines, code } = await terminal.ended();
  assertEquals([lines.filter(isStatus), code], [[], 130]);
  assertEquals(lines.filter((line) => line === "finished was emitted").length, 1);
  assertMatch(lines.find(isExit) ?? "", /^stopped after [\d.]+ s: AbortError: SIGINT/);
  assert(await terminal.isNormal());
});

Deno.test("Ctrl-C without handleSignals leaves a normal terminal", onTerminal, async () => {
  await using terminal = await Terminal.run(PROGRAM, ["noSignals"]);
  await terminal.shows(/^0 done +0 failed +1 running/);
  await terminal.press("C-c");
  const { lines, code } = await terminal.ended();
  assertEquals([lines.filter(isStatus).length, code], [1, 130]);
  assert(await terminal.isNormal());
});

Deno.test("display keeps all that the program prints", onTerminal, async () => {
  await using terminal = await Terminal.run(PROGRAM, ["prints"]);
  await terminal.shows(/^3 done/);
  await terminal.release("print");
  const during = await terminal.until((lines) =>
    lines.includes("user line 11") && lines.some(isStatus)
  );
  assertEquals(during.filter(isStatus).length, 1);
  await terminal.release("end");
  const { lines, code } = await terminal.ended();
  const { above, below } = aroundFrame(lines);
  assertEquals([below, code], [["after the run"], 0]);
  assertEquals(above, [
    "user line 1",
    `user line 2 ${"long ".repeat(60)}end`,
    `user line 3 日本語のとても長い行${"語".repeat(100)}end`,
    "user line 4 🎉 🚀",
    "┌───────┬───┐",
    "│ (idx) │ a │",
    "├───────┼───┤",
    "│     0 │ 1 │",
    "└───────┴───┘",
    "user line 5",
    "user line 6",
    "Assertion failed: user line 7",
    "user line 8",
    "user line 9",
    "user line 10",
    "user line 11",
    "user line 12",
  ]);
});

Deno.test("display keeps what functions of before it print", onTerminal, async () => {
  await using terminal = await Terminal.run(PROGRAM, ["early"]);
  await terminal.shows(/^3 done/);
  await terminal.release("print");
  await terminal.until((lines) => lines.includes("user line 5") && lines.some(isStatus));
  await terminal.release("end");
  const { above } = aroundFrame((await terminal.ended()).lines);
  assertEquals(above.filter((line) => line !== ""), [
    "user line 1 undefined",
    ...[2, 3, 4, 5].map((n) => `user line ${n}`),
  ]);
});

Deno.test("display on stderr leaves a piped stdout alone", onTerminal, async () => {
  await using terminal = await Terminal.run(PROGRAM, ["prints"], { pipe: "> FOLDER/out" });
  await terminal.shows(/^3 done/);
  await terminal.release("print");
  await terminal.until((lines) => lines.includes("user line 11") && lines.some(isStatus));
  await terminal.release("end");
  const { above } = aroundFrame((await terminal.ended()).lines);
  assertEquals(above, [
    `user line 3 日本語のとても長い行${"語".repeat(100)}end`,
    "Assertion failed: user line 7",
    "user line 9",
    "user line 11",
  ]);
  const printed = (await terminal.read("out")).split("\n").filter((line) => /line|run/.test(line));
  assertEquals(printed.map((line) => line.slice(0, 12).trim()), [
    ...[1, 2, 4, 5, 6, 8, 10, 12].map((n) => `user line ${n}`),
    "after the ru",
  ]);
});

Deno.test("display keeps lines that are printed in parts", onTerminal, async () => {
  await using terminal = await Terminal.run(PROGRAM, ["parts"]);
  await terminal.shows(/^3 done/);
  const seen: string[] = [];
  for (const [name, text] of [["first", "one"], ["second", "one two 日本"]] as const) {
    await terminal.release(name);
    const lines = await terminal.until((lines) => lines.includes(text) && lines.some(isStatus));
    seen.push(...lines.filter((line) => line.startsWith("one")));
  }
  assertEquals(seen, ["one", "one two 日本"]);
  await terminal.release("third");
  await terminal.until((lines) => lines.includes("last, without an end") && lines.some(isStatus));
  await terminal.release("end");
  const { lines } = await terminal.ended();
  const { above, below } = aroundFrame(lines);
  assertEquals(above, ["one two 日本 three"]);
  // The unfinished line continues below the last frame.
  assertEquals(below, ["last, without an endafter the run"]);
});

Deno.test("display keeps a part from before the run, and one at an exit", onTerminal, async () => {
  await using terminal = await Terminal.run(PROGRAM, ["before"]);
  await terminal.shows(/^3 done/);
  await terminal.release("end");
  const { lines } = await terminal.ended();
  const printed = lines.map((line) => /(before|in) the run, without an end/.exec(line)?.[0]);
  assertEquals(printed.filter(Boolean), [
    "before the run, without an end",
    "in the run, without an end",
  ]);
});

Deno.test("display keeps parts that are longer than a row", onTerminal, async () => {
  await using terminal = await Terminal.run(PROGRAM, ["wideParts"]);
  await terminal.shows(/^3 done/);
  const [x, y] = ["x".repeat(100), "y".repeat(100)];
  for (const [name, text] of [["first", x], ["second", x + y]] as const) {
    await terminal.release(name);
    await terminal.until((lines) =>
      // Rows that the program has drawn again are no longer joined.
      lines.join("").replaceAll(/\s/g, "").includes(text) && lines.some(isStatus)
    );
  }
  await terminal.release("third");
  // A line that fills the screen takes the place of the frame.
  await terminal.until((lines) => lines.some((line) => line.endsWith("a very long one")));
  await terminal.release("end");
  const { above } = aroundFrame((await terminal.ended()).lines);
  assertEquals(above, [`${x}${y}z`, `${"a very long one ".repeat(400)}is over`]);
});

Deno.test("display keeps a flood of lines, without a redraw each", onTerminal, async () => {
  await using terminal = await Terminal.run(PROGRAM, ["flood"]);
  await terminal.shows(/^3 done/);
  const redraws = await terminal.record();
  await terminal.release("print");
  await terminal.until((lines) => lines.includes("flood 5199") && lines.some(isStatus));
  const drawn = (await redraws()).split("\x1b[?2026h").length;
  assert(drawn < 1000, `${drawn}`);
  await terminal.release("end");
  const { above } = aroundFrame((await terminal.ended()).lines);
  assertEquals(above, Array.from({ length: 5200 }, (_, n) => `flood ${n}`));
});

for (const mode of ["restores", "replaces"]) {
  const [claim, prefix] = mode === "replaces"
    ? [", except what was replaced", "replaced: "]
    : ["", ""];
  Deno.test(`display gives the console back${claim}`, onTerminal, async () => {
    await using terminal = await Terminal.run(PROGRAM, [mode]);
    await terminal.shows(/^3 done/);
    await terminal.release("print");
    await terminal.shows(/user line/);
    await terminal.release("end");
    const { above, below } = aroundFrame((await terminal.ended()).lines);
    assertEquals(above, [`${prefix}user line`]);
    assertEquals(below, [`${prefix}after the run`, `${prefix}true true true`]);
  });
}

for (const kind of ["workers", "processes"]) {
  Deno.test(`${kind}: display shows whose output a line is`, onTerminal, async () => {
    await using terminal = await Terminal.run(PROGRAM, ["output", kind]);
    await terminal.shows(/running +0 pending|^0 done/);
    await terminal.release("print");
    await terminal.shows(/red 日本/);
    await terminal.shows(/│ an error/);
    await terminal.release("end");
    const { lines } = await terminal.ended();
    const { above, below } = aroundFrame(lines);
    // The order between the two streams is not fixed.
    assertEquals(above.toSorted(), [
      "train #1 │ \\x1b[2Jred 日本",
      "train #1 │ an error of 7",
      "train #1 │ line one of 7",
      "train #1 │ without an end",
    ]);
    assertEquals(below, ["after the run"]);
  });
}

Deno.test("display redirects what calls print as it is", onTerminal, async () => {
  await using terminal = await Terminal.run(PROGRAM, ["output", "workers"], {
    pipe: "> FOLDER/out",
  });
  for (const step of ["print", "end"]) await terminal.release(step);
  const { above } = aroundFrame((await terminal.ended()).lines);
  assertEquals(above, ["train #1 │ an error of 7"]);
  assertEquals(
    await terminal.read("out"),
    "line one of 7\n\x1b[2J\x1b[31mred\x1b[0m 日本\nwithout an endafter the run\n",
  );
});

Deno.test("display shows two runs, one below the other", onTerminal, async () => {
  await using terminal = await Terminal.run(PROGRAM, ["two"], { rows: 50 });
  const during = await terminal.until((lines) => lines.filter(isStatus).length === 2);
  assertEquals(during.filter(isHead).length, 2);
  await terminal.release("first");
  const first = await terminal.until((lines) => lines.some(isExit) && lines.some(isStatus));
  assertEquals([first.filter(isStatus).length, first.filter(isExit).length], [1, 1]);
  await terminal.release("end");
  const { lines } = await terminal.ended();
  aroundFrame(lines, 2);
  assertEquals(lines.filter(isExit).length, 2);
});

Deno.test("display fits into a terminal of 10 rows and 40 columns", onTerminal, async () => {
  await using terminal = await Terminal.run(PROGRAM, ["manyWorkers"], { columns: 40, rows: 10 });
  await terminal.shows(/… and \d+ more/);
  const lines = await terminal.history();
  assert(lines.length < 10, lines.join("\n"));
  assert(lines.every((line) => line.length < 40), lines.join("\n"));
  await terminal.release("end");
  const { lines: last, code } = await terminal.ended();
  assertEquals([last.filter(isStatus), last.filter(isExit).length, code], [[], 1, 0]);
});

Deno.test("display shows the busiest of many workers and tasks", onTerminal, async () => {
  await using terminal = await Terminal.run(PROGRAM, ["manyWorkers"], { rows: 24 });
  await terminal.until((lines) =>
    lines.filter((line) => /^… and \d+ more/.test(line)).length === 2
  );
  const shown = await terminal.until((lines) => lines.some((line) => /^endless +0 +14/.test(line)));
  assert(shown.length <= 23, shown.join("\n"));
  await terminal.release("end");
  const { lines, code } = await terminal.ended();
  assertEquals([lines.filter(isStatus), lines.filter(isExit).length, code], [[], 1, 0]);
});

Deno.test("display shows progress and hostile text as it is", onTerminal, async () => {
  await using terminal = await Terminal.run(PROGRAM, ["progress"], { columns: 110 });
  await terminal.shows(/ 50 % +epoch \\x1b\[2J\\u202e 日本$/);
  await terminal.shows(/^─+ +0 %$/);
  await terminal.release("end");
  const { lines } = await terminal.ended();
  assertEquals(lines.filter((line) => /━─+ +50 %$/.test(line)).length, 1);
});

Deno.test("display survives a resize of the terminal", onTerminal, async () => {
  await using terminal = await Terminal.run(PROGRAM, ["prints slowly"], { columns: 90, rows: 40 });
  await terminal.shows(/^3 done/);
  await terminal.release("print");
  const printed = await terminal.shows(/^user line 11/);
  for (const columns of [60, 45, 100, 40, 120, 90]) {
    const before = printed.find(isStatus);
    await terminal.resize({ columns, rows: 40 });
    const lines = await terminal.until((lines) => {
      const status = lines.find(isStatus);
      return status !== undefined && status !== before && lines.some(isHead);
    });
    assertEquals([lines.filter(isStatus).length, lines.filter(isHead).length], [1, 1]);
    printed.splice(0, printed.length, ...lines);
  }
  await terminal.release("end");
  const { above } = aroundFrame((await terminal.ended()).lines);
  const numbers = above.map((line) => /user line (\d+)/.exec(line)?.[1]).filter(Boolean);
  assertEquals(numbers, Array.from({ length: 12 }, (_, n) => `${n + 1}`));
});
