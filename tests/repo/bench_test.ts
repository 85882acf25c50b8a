// The verdicts of the benchmark, and the results on its page.
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { experiments } from "../../bench/experiments/mod.ts";
import { greedyMakespan } from "../../bench/greedy.ts";
import { judge, median } from "../../bench/judge.ts";
import results from "../../bench/results.json" with { type: "json" };
import type { Experiment, Finding, Samples } from "../../bench/model.ts";
import { parseOptions } from "../../bench/options.ts";
import { labelOf, select } from "../../bench/select.ts";
import { FULL } from "../../bench/sizes.ts";
import { renderFindings, renderSamples } from "../../bench/table.ts";
import { UsageError } from "../../tools/options.ts";

Deno.test("bench/README.md shows the last full run and its machine", async () => {
  const readme = await Deno.readTextFile(new URL("../../bench/README.md", import.meta.url));
  const { cpu, cores, os, deno } = results.machine;
  assertStringIncludes(readme, renderFindings(results.findings as Finding[]));
  assertStringIncludes(
    readme.replaceAll("\n", " "),
    `${cores} cores of an ${cpu}, ${os}, Deno ${deno}`,
  );
});

Deno.test("parseOptions() reads the command line", () => {
  assertEquals({ ...parseOptions([]) }, { small: false, only: [], help: false });
  const { small, only } = parseOptions(["--small", "--only", "chain", "--only=map"]);
  assertEquals([small, only], [true, ["chain", "map"]]);
});

Deno.test("median() is the middle value, or a mean", () => {
  assertEquals([median([3, 1, 2]), median([4, 1, 2, 3]), median([])], [2, 2.5, undefined]);
});

const ALL = experiments(FULL);
const EXPERIMENT: Experiment = {
  name: "race",
  unit: "ops/s",
  contenders: [],
  rows: [
    { name: "a", of: "ours", over: ["slow", "fast", "broken"], target: { atLeast: 2 } },
    { name: "b", of: "ours", over: ["slow"], target: { atLeast: 2 } },
    { name: "c", of: "ours", target: { atMost: 20 } },
    { name: "d", of: "ours", over: ["broken"], target: { atLeast: 2 } },
  ],
};
const SAMPLES = new Map<string, Samples>([
  ["ours", { values: [30, 10, 20] }],
  ["slow", { values: [10] }],
  ["fast", { values: [16] }],
  ["broken", { failure: "no worker" }],
]);

/** What is left of each experiment: its rows, and its contenders. */
function selected(...texts: string[]): unknown[] {
  const contender = (name: string) => ({ name, measure: () => 0 });
  const race = { ...EXPERIMENT, contenders: ["ours", "slow", "fast", "broken"].map(contender) };
  const rows = [{ name: "bb", of: "ours", over: ["slow"] }];
  const jump = { ...EXPERIMENT, name: "jump", rows, contenders: ["ours", "slow"].map(contender) };
  return select([race, jump], texts).map(({ rows, contenders }) => [
    rows.map(({ name }) => name).join(),
    contenders.map(({ name }) => name).join(),
  ]);
}

Deno.test("select() takes rows by parts of their labels", () => {
  assertEquals(selected("/ slow"), [["a,b", "ours,slow,fast,broken"], ["bb", "ours,slow"]]);
  assertEquals(selected("/ bro", "bb"), [["d", "ours,broken"], ["bb", "ours,slow"]]);
});

Deno.test("select() takes a row by its whole label alone", () => {
  assertEquals(selected("b / slow"), [["b", "ours,slow"]]);
  assertEquals(selected("c"), [["c", "ours"]]);
  assertEquals(selected("c", "d / broken"), [["c,d", "ours,broken"]]);
});

Deno.test("select() takes experiments by name, or all", () => {
  const all = [["a,b,c,d", "ours,slow,fast,broken"], ["bb", "ours,slow"]];
  assertEquals(selected("race"), all.slice(0, 1));
  assertEquals(selected(), all);
});

Deno.test("select() refuses a text that names no row", () => {
  const error = assertThrows(() => selected("c", "x"), UsageError);
  assertEquals(error.message.split("\n").slice(0, 2), [
    'No row is named "x"; the rows are',
    "a / slow, fast, broken",
  ]);
});

Deno.test("Each row can be selected alone", () => {
  for (const experiment of ALL) {
    for (const row of experiment.rows) {
      const left = select(ALL, [labelOf(row)]);
      assertEquals(left.map(({ rows }) => rows), [[row]], labelOf(row));
    }
  }
});

Deno.test("greedyMakespan() gives each task to the first idle worker", () => {
  assertEquals(greedyMakespan([5, 1, 1, 1, 4], 2), 7);
  assertEquals(greedyMakespan([5, 1, 1, 1, 4], 1), 12);
  assertEquals(greedyMakespan([], 2), 0);
});

Deno.test("judge() compares with the best contender and the target", () => {
  const findings = judge(EXPERIMENT, SAMPLES, true);
  assertEquals(
    findings.map(({ over, ratio, verdict }) => [over, ratio, verdict]),
    [
      ["fast", 1.25, "missed"],
      ["slow", 2, "reached"],
      [undefined, undefined, "reached"],
      ["broken", undefined, undefined],
    ],
  );
  const informative = judge(EXPERIMENT, SAMPLES, false);
  assertEquals(informative.map(({ verdict }) => verdict), Array(4).fill(undefined));
});

Deno.test("judge() takes the lowest as the best for times", () => {
  const [finding] = judge({ ...EXPERIMENT, unit: "ms" }, SAMPLES, true);
  assertEquals([finding?.over, finding?.ratio], ["slow", 2]);
});

Deno.test("The tables are aligned and name failures of peers", () => {
  const findings = judge(EXPERIMENT, SAMPLES, true).slice(1);
  assertEquals(renderFindings(findings).split("\n"), [
    "     median  compared with    median  ratio      target  verdict",
    "b  20 ops/s  slow           10 ops/s   2.00         ≥ 2  reached",
    "c  20 ops/s                                  ≤ 20 ops/s  reached",
    "d  20 ops/s  broken                –                ≥ 2  does not run: no worker",
  ]);
  assertEquals(renderSamples("ops/s", SAMPLES).split("\n"), [
    "  ours  20 ops/s  10 ops/s … 30 ops/s",
    "  slow  10 ops/s  10 ops/s … 10 ops/s",
    "  fast  16 ops/s  16 ops/s … 16 ops/s",
    "  broken  does not run: no worker",
  ]);
});
