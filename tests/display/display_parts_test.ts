// The parts of the display of a run: output of calls by lines, rows of a terminal, arguments of running calls.
import type { Call, Future } from "@amltk/scheduling";
import { assert, assertEquals, assertLess } from "@std/assert";
import { replaceMethod } from "../fixtures/replaced_method.ts";
import { CallArgs } from "../../scheduling/display/_call_args.ts";
import { CapturedLines, type PrintedLines } from "../../scheduling/display/_captured_lines.ts";
import { screenOn } from "../../scheduling/display/_screen.ts";
import { Tail } from "../../scheduling/display/_tail.ts";
import { rowsOf, shownText } from "../../scheduling/display/_terminal_rows.ts";

const call = (id: number, name = "train", settled = false) => ({ id, name, settled }) as Call;
const bytes = (text: string) => new TextEncoder().encode(text);

/** A text without dim parts, which the environment may have switched off. */
function undimmed(text: string): string {
  return text.replaceAll("\x1b[2m", "").replaceAll("\x1b[22m", "");
}

function added(lines: CapturedLines, ...args: Parameters<CapturedLines["add"]>): string {
  return undimmed(lines.add(...args).text);
}

function taken(lines: CapturedLines, all?: boolean): PrintedLines[] {
  return lines.take(all).map(({ text, stream }) => ({ text: undimmed(text), stream }));
}

Deno.test("CapturedLines.add() returns whole lines with the call that printed them", () => {
  const lines = new CapturedLines();
  const add = (text: string, of?: Call, stream: "stdout" | "stderr" = "stdout") =>
    added(lines, text, stream, of);
  assertEquals(add("one\ntw", call(1)), "train #1 │ one\n");
  assertEquals(add("other\n", call(2)), "train #2 │ other\n");
  assertEquals(add("error\n", call(1), "stderr"), "train #1 │ error\n");
  assertEquals(add("o", call(1)), "");
  assertEquals(add("\n\nthree\n", call(1)), "train #1 │ two\ntrain #1 │ \ntrain #1 │ three\n");
  assertEquals(add("between calls\n"), "worker │ between calls\n");
  assertEquals(add("", call(3)), "");
  assertEquals(lines.take(true), []);
});

Deno.test("CapturedLines.add() passes colours on, and no other escape sequence", () => {
  const text = added(
    new CapturedLines(),
    "\x1b[31mred\x1b[0m\tand \x1b[2J\x07\n10 %\r20 %\r\n",
    "stdout",
    call(1, "bad\x1b[2J"),
  );
  assertEquals(text.split("\n"), [
    "bad\\x1b[2J #1 │ \x1b[31mred\x1b[0m\tand \\x1b[2J\\x07\x1b[0m",
    "bad\\x1b[2J #1 │ 20 %",
    "",
  ]);
});

/** A call as it is when it has settled: it has let its future go. */
function settle(call: Call): void {
  Object.assign(call, { id: 0, settled: true });
}

Deno.test("CapturedLines.take() ends the last lines of calls that have ended", () => {
  const lines = new CapturedLines();
  const ended = call(2, "load");
  lines.add("still", "stdout", call(1));
  lines.add("over", "stderr", ended);
  settle(ended);
  assertEquals(taken(lines), [{ text: "load #2 │ over\n", stream: "stderr" }]);
  assertEquals(taken(lines, true), [{ text: "train #1 │ still\n", stream: "stdout" }]);
  assertEquals(lines.take(true), []);
});

Deno.test("CapturedLines.add() knows the number of a settled call", () => {
  const lines = new CapturedLines();
  const [known, unknown] = [call(1), call(2)];
  lines.add("one ", "stdout", known);
  settle(known);
  settle(unknown);
  assertEquals(added(lines, "line\n", "stdout", known), "train #1 │ one line\n");
  assertEquals(added(lines, "late\n", "stdout", unknown), "train │ late\n");
});

Deno.test("CapturedLines.add() keeps no line without an end in memory", () => {
  const lines = new CapturedLines();
  let length = 0;
  for (let n = 0; n < 100; n++) {
    length += lines.add("x".repeat(10_000), "stdout", call(1)).text.split("x").length - 1;
  }
  length += lines.take(true).reduce((sum, { text }) => sum + text.split("x").length - 1, 0);
  assertEquals(length, 1_000_000);
});

Deno.test("CapturedLines.add() looks at each character once", () => {
  const lines = new CapturedLines();
  let read = 0;
  using _counting = replaceMethod(String.prototype, "split", (split) =>
    function (...args) {
      read += String(this).length;
      return split.apply(this, args);
    });
  for (let n = 0; n < 1000; n++) lines.add("x", "stdout", call(1));
  assertEquals(added(lines, "\n", "stdout", call(1)), `train #1 │ ${"x".repeat(1000)}\n`);
  // The whole line once for carriage returns, and once for colours.
  assertLess(read, 4000);
});

Deno.test("rowsOf() counts the rows of a line that a terminal wraps", () => {
  const cases: [text: string, columns: number, rows: number][] = [
    ["", 10, 1],
    ["0123456789", 10, 1],
    ["0123456789a", 10, 2],
    ["\x1b[31m0123456789\x1b[39m", 10, 1],
    // A wide character does not fit into the last column.
    ["日本語日本語", 5, 3],
    ["日本語日本語", 6, 2],
    ["a日本語", 3, 3],
  ];
  for (const [text, columns, rows] of cases) assertEquals(rowsOf(text, columns), rows, text);
});

Deno.test("shownText() is what a terminal shows", () => {
  assertEquals(shownText("10 %\r20 %"), "20 %");
  assertEquals(shownText("a\tb\x1b[1mc\x1b[0m"), "a       bc");
  assertEquals(shownText("日本\t|"), "日本    |");
});

Deno.test("Screen draws nothing after the last run has ended", () => {
  const writes: string[] = [];
  const writeSync = (bytes: Uint8Array) =>
    writes.push(new TextDecoder().decode(bytes)) && bytes.length;
  const pane = {};
  const screen = screenOn({ writeSync }, pane);
  screen.show(pane, ["a frame"]);
  screen.printing(bytes("an unfinished line"));
  screen.close(pane, ["the last frame"]);
  const drawn = writes.length;
  assert(writes.at(-1)?.includes("the last frame"));
  screen.printed();
  assertEquals(writes.slice(drawn), []);
});

Deno.test("Tail is what follows the last line break", () => {
  const tail = new Tail();
  assertEquals([tail.isEmpty, tail.rows(10)], [true, 0]);
  tail.add(bytes("one\ntwo "));
  tail.add(bytes("three"));
  assertEquals([new TextDecoder().decode(tail.bytes), tail.rows(5)], ["two three", 2]);
  // Half of a character.
  tail.add(bytes("日").subarray(0, 2));
  tail.add(bytes("日").subarray(2));
  assertEquals(new TextDecoder().decode(tail.bytes), "two three日");
  tail.add();
  assertEquals([tail.isEmpty, tail.bytes.length], [true, 0]);
  tail.add(bytes("x".repeat(5000)));
  assertEquals([tail.isEmpty, tail.isLong, tail.bytes.length], [false, true, 0]);
  tail.add(bytes("\n"));
  assertEquals([tail.isEmpty, tail.isLong], [true, false]);
});

Deno.test("CallArgs finds the arguments of running calls near the front of the queue", () => {
  let seen = 0;
  function* futures(): Generator<Future> {
    for (let id = 0; id < 10_000; id++) {
      seen++;
      yield { id, args: [id, "x"] } as unknown as Future;
    }
  }
  const queue = { [Symbol.iterator]: futures } as unknown as ReadonlySet<Future>;
  const args = new CallArgs(queue);
  args.update([3, 1]);
  assertEquals([args.of(3), args.of(1), args.of(2), seen], ['3, "x"', '1, "x"', undefined, 4]);
  args.update([3]);
  assertEquals([args.of(3), args.of(1), seen], ['3, "x"', undefined, 4]);
  args.update([9999]);
  assertEquals([args.of(9999), seen < 100], [undefined, true]);
});
