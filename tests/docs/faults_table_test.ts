/**
 * The guide's table of faults, row by row: what its cells say is seen in real workers and processes.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Fault } from "../fixtures/faults/fault.ts";
import { faults } from "../fixtures/faults/faults.ts";
import {
  describe,
  type Described,
  type Sight,
  type Witness,
  witness,
  type WorkerKind,
} from "../fixtures/faults/witness.ts";
import { docTable } from "../fixtures/doc_table.ts";
import { runFixture } from "../fixtures/run_fixture.ts";

const [header, ...rows] = await docTable("docs/faults.md", "what the task does");
const KINDS: readonly WorkerKind[] = ["a Web Worker", "a child process"];

// --- the table

Deno.test("The table of faults lists every fault once", () => {
  assertEquals(header, ["what the task does", "its future", ...KINDS]);
  assertEquals(rows.map(([what]) => what), Object.keys(faults));
});

for (const [what = "", future = "", ...workers] of rows) {
  const fault = faults[what];
  if (fault === undefined) continue;
  for (const [index, kind] of KINDS.entries()) {
    Deno.test({
      name: `Faults: a task that ${what}, in ${kind}`,
      ignore: (fault.linux === true && Deno.build.os !== "linux") ||
        (fault.posix === true && Deno.build.os === "windows"),
      fn: () => check(kind, what, fault, future, workers[index] ?? ""),
    });
  }
}

async function check(
  kind: WorkerKind,
  what: string,
  fault: Fault,
  future: string,
  worker: string,
): Promise<void> {
  const seen = await withHeap(
    fault.heap,
    () => fault.alone && kind === "a Web Worker" ? witnessAlone(what) : witness(kind, fault),
  );
  const checkWorker = workerCells[worker];
  assert(checkWorker !== undefined, `No check for "${worker}"`);
  checkWorker(seen, fault);
  if (!("sights" in seen)) return;
  for (const sight of seen.sights) checkFuture(future, sight, fault);
}

// --- what is seen

/** How a program ended that could not report what it saw. */
interface Death {
  readonly code: number;
  readonly stdout: string;
}

async function witnessAlone(what: string): Promise<Witness | Death> {
  const outcome = await runFixture("faults/program.ts", ["--allow-all"], [what]);
  const { code, stdout, stderr } = outcome;
  const line = stdout.split("\n").find((line) => line.startsWith("{"));
  if (line === undefined) return { code, stdout };
  assertEquals(code, 0, stderr);
  const seen: Witness = JSON.parse(line);
  if (seen.left.length > 0) assertMatch(stderr, /was told to end.*Scheduler\.withProcesses/);
  return seen;
}

/** Programs and processes inherit the environment: a small heap is full sooner. */
async function withHeap<T>(mebibytes: number | undefined, body: () => Promise<T>): Promise<T> {
  if (mebibytes === undefined) return await body();
  Deno.env.set("DENO_V8_FLAGS", `--max-old-space-size=${mebibytes}`);
  try {
    return await body();
  } finally {
    Deno.env.delete("DENO_V8_FLAGS");
  }
}

// --- what the last two columns say

type CheckWorker = (seen: Witness | Death, fault: Fault) => void;

const workerCells: Readonly<Record<string, CheckWorker>> = {
  "goes on": (seen, fault) => checkNext(seen, fault, "the same worker"),
  "is replaced": (seen, fault) => checkNext(seen, fault, "another worker"),
  "cannot be stopped": (seen, fault) => checkNext(seen, fault, "another worker", 1),
  "is tried three times": (seen, fault) => checkNext(seen, fault, undefined, 0, 3),
  "refuses the limit": (seen) => checkRefusal(seen, /cannot enforce a limit of .*withProcesses/),
  "has no such option": (seen) => checkRefusal(seen, /has no option "memory"/),
  "ends the program": (seen) => {
    assert("code" in seen, "The program has survived");
    assertEquals([seen.stdout, seen.code > 128], ["begun\n", true]);
  },
};

function checkNext(
  seen: Witness | Death,
  fault: Fault,
  next: Sight["next"],
  runaways = 0,
  starts = 0,
): void {
  assert("sights" in seen, "The program has not survived");
  assertEquals(seen.refused, undefined);
  assertEquals(seen.sights.map((sight) => sight.next), fault.ways.map(() => next));
  assertEquals(seen.exit, { code: "exhausted", runaways });
  assertEquals([seen.left.length, seen.starts], [runaways, starts]);
}

function checkRefusal(seen: Witness | Death, message: RegExp): void {
  assert("sights" in seen, "The program has not survived");
  assertEquals([seen.refused?.type, seen.sights, seen.left], ["TypeError", [], []]);
  assertMatch(seen.refused?.text ?? "", message);
}

// --- what the second column says

type CheckOutcome = (outcome: Described, fault: Fault, ...named: string[]) => void;

const futureCells: readonly [cell: RegExp, settled: string, check: CheckOutcome][] = [
  [/^has its result$/, "result", checkValue],
  [/^fails with what was thrown(?:, in part as text)?$/, "exception", checkValue],
  [/^fails with `(\w+)`(?:, its `(\w+)`(?: `("\w+")`)?)?$/, "exception", checkError],
  [/^is cancelled with `(\w+)`$/, "cancelled", checkError],
];

function checkFuture(cell: string, { settled, outcome }: Sight, fault: Fault): void {
  for (const [pattern, how, check] of futureCells) {
    const named = pattern.exec(cell)?.slice(1);
    if (named === undefined) continue;
    assertEquals(settled, [how]);
    return check(outcome, fault, ...named);
  }
  throw new Error(`No check for "${cell}"`);
}

function checkValue(outcome: Described, { value }: Fault): void {
  assertEquals(outcome, describe(value));
}

function checkError(
  { type, fields = {} }: Described,
  _fault: Fault,
  name: string,
  field?: string,
  value?: string,
): void {
  assertEquals(type, name);
  if (field !== undefined) assert(field in fields, `It has no ${field}`);
  if (field !== undefined && value !== undefined) assertEquals(fields[field], value);
}
