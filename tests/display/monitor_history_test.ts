// How the records of a monitor stay within their bounds.
import type { QueueRecord } from "@amltk/scheduling";
import { assert, assertEquals, assertLess } from "@std/assert";
import {
  AttemptHistory,
  LossHistory,
  type OpenRecord,
  QueueHistory,
} from "../../scheduling/display/_monitor_history.ts";

const COUNTS = { finished: 0, failed: 0, cancelled: 0 };
const WORKERS = 9;

function queueRecord(time: number, queueSize: number, running: number): QueueRecord {
  return {
    time,
    queueSize,
    queued: queueSize - running,
    running,
    idle: WORKERS - running,
    ...COUNTS,
  };
}

function add(history: QueueHistory, record: QueueRecord): void {
  history.add({ ...record, ready: WORKERS });
}

function isSorted(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || value >= (values[index - 1] as number));
}

// --- the queue

// How events are spread over time: evenly, all at once, and ever more slowly.
const CLOCKS: Readonly<Record<string, (n: number) => number>> = {
  even: (n) => n * 0.37,
  "all at once": (n) => n < 5 ? n : 5,
  slowing: (n) => n ** 2 / 1000,
  "with a long pause": (n) => n < 5000 ? n / 100 : 1e7 + n / 100,
};

for (const [name, timeOf] of Object.entries(CLOCKS)) {
  Deno.test(`QueueHistory keeps peaks and ends within its bound: ${name}`, () => {
    const history = new QueueHistory(300);
    const peaks = new Map([[20, [7, 0]], [4321, [500, 3]], [9990, [8, 8]]]);
    let most = 0;
    for (let n = 0; n < 10_000; n++) {
      const [queueSize, running] = peaks.get(n) ?? [20 + n % 7, 1 + n % 5];
      add(history, queueRecord(timeOf(n), queueSize as number, running as number));
      most = Math.max(most, history.records.length);
    }
    const { records } = history;
    assertLess(most, 301);
    assertEquals(records[0], queueRecord(timeOf(0), 20, 1));
    assertEquals(records.at(-1), queueRecord(timeOf(9999), 20 + 9999 % 7, 1 + 9999 % 5));
    for (const [n, [queueSize, running]] of peaks) {
      const at = timeOf(n);
      const found = records.some((record) =>
        record.time === at && record.queueSize === queueSize && record.running === running
      );
      assert(found, `${name}: the peak of ${n}`);
    }
    assert(isSorted(records.map(({ time }) => time)));
  });
}

Deno.test("QueueHistory keeps all records up to its bound", () => {
  const history = new QueueHistory(300);
  const all = Array.from({ length: 300 }, (_, n) => queueRecord(n, n % 3, 0));
  for (const record of all) add(history, record);
  assertEquals(history.records, all);
});

Deno.test("QueueHistory corrects records when a start becomes known", () => {
  const history = new QueueHistory(300);
  for (const time of [0, 10, 20, 30]) add(history, queueRecord(time, 2, 0));
  history.addRunning(5, 20);
  history.addRunning(20, Infinity);
  history.removeRunning(30);
  history.addRunning(7, 7);
  assertEquals(history.records, [
    queueRecord(0, 2, 0),
    queueRecord(5, 2, 1),
    queueRecord(10, 2, 1),
    queueRecord(20, 2, 1),
    queueRecord(30, 2, 0),
  ]);
});

Deno.test("QueueHistory stays within its bound when starts become known", () => {
  const history = new QueueHistory(300);
  for (let n = 0; n < 2000; n++) {
    add(history, queueRecord(n, 5, 0));
    history.addRunning(n - 0.5, n);
    assertLess(history.records.length, 301);
  }
  assert(isSorted(history.records.map(({ time }) => time)));
});

// --- attempts

function attempt(
  worker: number | undefined,
  start: number,
  end: number,
  details: Partial<OpenRecord> = {},
): OpenRecord {
  const { task = "work", outcome = "result", future = 1 } = details;
  const times = { start, end, runningTime: end - start };
  return { task, future, worker, attempt: 1, outcome, count: 1, ...times };
}

Deno.test("AttemptHistory ends a call when the next one starts", () => {
  const history = new AttemptHistory(100);
  history.add(attempt(1, 0, 10));
  history.add(attempt(2, 1, 10));
  history.add(attempt(1, 4, 10));
  history.add(attempt(undefined, 5, 30));
  history.add(attempt(undefined, 6, 20));
  const times = history.records.map(({ start, end, runningTime }) => [start, end, runningTime]);
  assertEquals(times, [[0, 4, 4], [1, 10, 9], [4, 10, 6], [5, 30, 25], [6, 20, 14]]);
});

Deno.test("AttemptHistory merges short calls and keeps long ones", () => {
  const history = new AttemptHistory(200);
  const total = { calls: 0, time: 0, failed: 0 };
  for (let n = 0; n < 20_000; n++) {
    const worker = n % 4 + 1;
    const start = Math.floor(n / 4) * 10;
    const isLong = n === 7000;
    const failed = n % 1000 === 1;
    const task = isLong ? "slow" : `task ${n % 3}`;
    const end = start + (isLong ? 5000 : 5);
    history.add(attempt(worker, start, end, { task, outcome: failed ? "exception" : "result" }));
    total.calls++;
    total.time += isLong ? 10 : 5;
    total.failed += failed ? 1 : 0;
    if (isLong) continue;
    assertLess(history.records.length, 201);
  }
  const { records } = history;
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  assertEquals(sum(records.map(({ count }) => count)), total.calls);
  assertEquals(sum(records.map(({ runningTime }) => runningTime)), total.time);
  const failed = records.filter(({ outcome }) => outcome === "exception");
  assertEquals(sum(failed.map(({ count }) => count)), total.failed);
  assert(isSorted(records.map(({ start }) => start)));
  for (const { start, end, runningTime, count } of records) {
    assert(runningTime <= end - start + 1e-9, `${count} calls in ${end - start} ms`);
  }
});

Deno.test("AttemptHistory keeps a long call apart from short ones", () => {
  const history = new AttemptHistory(100);
  history.add(attempt(1, 0, 5000, { task: "slow" }));
  for (let n = 0; n < 1000; n++) history.add(attempt(1, 5000 + n, 5000.5 + n));
  const [first] = history.records;
  assertEquals([first?.task, first?.start, first?.end, first?.count], ["slow", 0, 5000, 1]);
});

Deno.test("AttemptHistory merges tasks only when it must", () => {
  const history = new AttemptHistory(100);
  for (let n = 0; n < 1000; n++) history.add(attempt(1, n, n + 0.5, { task: `task ${n}` }));
  assert(history.records.length <= 100);
  assertEquals(history.records[0]?.task, undefined);
  const few = new AttemptHistory(100);
  for (let n = 0; n < 1000; n++) few.add(attempt(1, n, n + 0.5, { task: `task ${n % 3}` }));
  assertEquals(
    new Set(few.records.map(({ task }) => task)),
    new Set(["task 0", "task 1", "task 2"]),
  );
});

Deno.test("AttemptHistory holds a few records for each of many workers", () => {
  const history = new AttemptHistory(100);
  for (let n = 0; n < 5000; n++) history.add(attempt(n % 500, n, n + 1));
  const counts = history.records.map(({ count }) => count);
  assertEquals(counts.reduce((a, b) => a + b), 5000);
  assertLess(counts.length, 2001);
});

Deno.test("LossHistory merges losses of a worker and forgets none", () => {
  const history = new LossHistory(100);
  for (let n = 0; n < 10_000; n++) {
    history.add({ time: n, worker: n % 3 + 1, count: 1 });
    assertLess(history.records.length, 101);
  }
  const { records } = history;
  const countOf = (number: number) =>
    records.filter(({ worker }) => worker === number).reduce((sum, { count }) => sum + count, 0);
  assertEquals([1, 2, 3].map(countOf), [3334, 3333, 3333]);
  assert(isSorted(records.map(({ time }) => time)));
});
