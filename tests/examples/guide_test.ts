/** Compares each example of the guide with the output and events of the original. @module */

import { assertEquals, assertMatch } from "@std/assert";
import {
  COLLATZ_ROUNDS,
  type Difference,
  FINISHED_IS_LAST,
  FIRST_ANSWERS,
  NO_EMPTY_BEFORE_STOP,
  OWN_MESSAGE,
  REFERENCE_IS_CUT,
  RESULTS_IN_ANY_ORDER,
  STOPPED_WITH_EXCEPTION,
  TIMEOUT_ROUNDS,
} from "./_differences.ts";
import { maskedTree } from "../fixtures/masked_tree.ts";
import { type Outcome, REFERENCE_IDS, referenceOutcome, runExample } from "./_outcome.ts";

interface Row {
  readonly id: string;
  readonly file: string;
  readonly args?: readonly string[];
  /** The differences from the reference, applied to it in this order. */
  readonly differences?: readonly Difference[];
}

const TABLE: readonly Row[] = [
  {
    id: "00",
    file: "00_collatz.ts",
    differences: [FINISHED_IS_LAST, COLLATZ_ROUNDS, FIRST_ANSWERS],
  },
  { id: "00v1", file: "00v1_collatz_until_one.ts" },
  { id: "01", file: "01_scheduler.ts" },
  { id: "02", file: "02_on_start.ts" },
  { id: "03", file: "03_run.ts" },
  { id: "04", file: "04_two_callbacks.ts" },
  { id: "05", file: "05_submit.ts" },
  { id: "06", file: "06_repeat.ts" },
  { id: "07", file: "07_limit.ts" },
  { id: "08", file: "08_when.ts", args: ["English"] },
  { id: "08v1", file: "08_when.ts", args: ["German"] },
  { id: "09", file: "09_every.ts" },
  { id: "10", file: "10_stop.ts", differences: [FINISHED_IS_LAST] },
  { id: "11", file: "11_timeout.ts", differences: [FINISHED_IS_LAST, TIMEOUT_ROUNDS] },
  { id: "12", file: "12_stop_on_exception.ts", differences: [NO_EMPTY_BEFORE_STOP] },
  {
    id: "12v1",
    file: "12v1_stop_with_exception.ts",
    differences: [NO_EMPTY_BEFORE_STOP, STOPPED_WITH_EXCEPTION],
  },
  { id: "12v2", file: "12v2_ignore_exceptions.ts" },
  { id: "12v3", file: "12v3_end_on_exception.ts", differences: [NO_EMPTY_BEFORE_STOP] },
  { id: "12v4", file: "12v4_raise_exceptions.ts", differences: [NO_EMPTY_BEFORE_STOP] },
  { id: "13", file: "13_submit_too_early.ts", differences: [OWN_MESSAGE] },
  { id: "14", file: "14_task.ts" },
  { id: "15", file: "15_task_events.ts" },
  { id: "16", file: "16_chained_tasks.ts" },
  { id: "17", file: "17_limiter.ts", differences: [RESULTS_IN_ANY_ORDER] },
  { id: "18", file: "18_requeue.ts", differences: [RESULTS_IN_ANY_ORDER, REFERENCE_IS_CUT] },
];

const EXAMPLES = new URL("../../examples/guide/", import.meta.url);

for (const row of TABLE) {
  const { id, file, args, differences = [] } = row;
  Deno.test(`guide example ${id} prints and emits like the original`, async () => {
    const { tree, ...actual } = await runExample(file, args);
    const expected = differences.reduce<Outcome>(
      (outcome, difference) => ({ ...outcome, ...difference.expect(outcome, actual) }),
      referenceOutcome(id),
    );
    assertSameTrace(actual.trace, expected.trace);
    assertEquals({ ...actual, trace: [] }, { ...expected, trace: [] });
    await assertTree(row, tree, actual);
  });
}

Deno.test("guide examples cover every entry of the reference", () => {
  assertEquals(TABLE.map(({ id }) => id), REFERENCE_IDS);
});

Deno.test("guide examples are all listed in their README", async () => {
  const files = (await Array.fromAsync(Deno.readDir(EXAMPLES), ({ name }) => name))
    .filter((name) => /^\d.*\.ts$/.test(name)).toSorted();
  assertEquals([...new Set(TABLE.map(({ file }) => file))].toSorted(), files);

  const readme = await Deno.readTextFile(new URL("README.md", EXAMPLES));
  const listed = [...readme.matchAll(/^\| \[(.+?)\]\(\1\)/gm)].map(([, file]) => file);
  assertEquals(listed.toSorted(), files);
});

Deno.test("guide examples import only the package, by its name", async () => {
  for (const { file } of TABLE) {
    const source = await Deno.readTextFile(new URL(file, EXAMPLES));
    const imported = [...source.matchAll(/\bfrom (".*");|\bimport\(/g)].map(([, name]) => name);
    assertEquals(imported, ['"@amltk/scheduling"'], file);
  }
});

Deno.test("guide example 08 chooses a language by default", async () => {
  const { printed } = await runExample("08_when.ts");
  assertMatch(printed, /^(hello|guten tag)\n$/);
});

// assertEquals() on lists of this length would take too long, and nobody could read the diff.
function assertSameTrace(actual: readonly string[], expected: readonly string[]): void {
  const length = Math.max(actual.length, expected.length);
  for (let index = 0; index < length; index++) {
    if (actual[index] === expected[index]) continue;
    const around = [Math.max(0, index - 5), index + 5] as const;
    assertEquals(actual.slice(...around), expected.slice(...around), `near event ${index}`);
  }
}

// The stored text has a placeholder, such as "<future-done>", for each count that varies, and "<any>" for
// the rest of a line that does.
async function assertTree({ id }: Row, tree: string, { counts }: Outcome): Promise<void> {
  const stored = await Deno.readTextFile(new URL(`trees/${id}.txt`, import.meta.url));
  const expected = stored.replace(/ <(future-\w+)>/g, (_, event: string) => {
    const count = counts.Scheduler?.[event] ?? 0;
    return count === 0 ? "" : ` ${count}`;
  });
  const lines = expected.split("\n");
  const actual = maskedTree(tree).split("\n").map((line, index) => {
    const [start = "", rest] = lines[index]?.split("<any>") ?? [];
    return rest !== undefined && line.startsWith(start) ? `${start}<any>` : line;
  });
  assertEquals(actual.join("\n"), expected);
}
