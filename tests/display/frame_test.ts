// The frames of the display of a run, as text.
import {
  type RecentFuture,
  Scheduler,
  type SchedulerStatistics,
  type WorkerStatistics,
} from "@amltk/scheduling";
import { assert, assertEquals } from "@std/assert";
import { stripAnsiCode } from "@std/fmt/colors";
import { frame, type Room } from "../../scheduling/display/_frame.ts";
import { plainLine } from "../../scheduling/display/_plain_line.ts";
import { type CallDetails, type RunView, RunViews } from "../../scheduling/display/_run_view.ts";
import { type Column, table } from "../../scheduling/display/_table.ts";
import { widthOf } from "../../scheduling/display/_text.ts";

type TaskChange = Partial<SchedulerStatistics["tasks"][number]> & { counts?: readonly number[] };

const NOW = 1_000_000;
const NO_TIMES = { median: undefined, p99: undefined };
const NOTHING_KNOWN: CallDetails = { argsOf: () => undefined, progressOf: () => undefined };

function events(prefix: string, [result = 0, failed = 0, cancelled = 0]: readonly number[]) {
  const counts = { done: result + failed, result, exception: failed, cancelled };
  return Object.entries(counts).map(([name, count]) => ({
    name: `${prefix}${name}`,
    count,
    callbacks: [],
  }));
}

function taskStatistics(change: TaskChange) {
  const { counts = [], ...rest } = change;
  return {
    name: "task",
    function: "f",
    plugins: [],
    queueSize: 0,
    held: 0,
    waitsFor: [],
    runningTime: NO_TIMES,
    events: events("", counts),
    ...rest,
  };
}

function worker(number: number, change: Partial<WorkerStatistics> = {}): WorkerStatistics {
  const idle = {
    number,
    state: "idle",
    call: undefined,
    callsDone: 0,
    starts: 1,
    losses: 0,
  } as const;
  return { ...idle, ...change };
}

function runs(task: string, future: number, ms: number): WorkerStatistics["call"] {
  return { task, future, startedAt: NOW - ms };
}

function recent(change: Partial<RecentFuture>): RecentFuture {
  const usual = { id: 1, task: "train", args: "", state: "result", waitingTime: 1 } as const;
  return { ...usual, runningTime: 250, ...change };
}

/** Statistics during a run, with these counts of results, failures and cancelled calls. */
function statistics(
  change: Partial<SchedulerStatistics> = {},
  counts: readonly number[] = [],
): SchedulerStatistics {
  const { events: _events, ...usual } = Scheduler.withSequential().statistics();
  return {
    ...usual,
    events: events("future-", counts),
    running: true,
    phase: "running",
    executor: "WebWorkerExecutor",
    workerCount: 4,
    elapsed: 12_345,
    ...change,
  };
}

function view(
  now: SchedulerStatistics,
  { total, calls = NOTHING_KNOWN, before = statistics() }: {
    total?: number;
    calls?: CallDetails;
    before?: SchedulerStatistics;
  } = {},
): RunView {
  return new RunViews(before, calls).of(now, total, NOW);
}

function frameOf(shown: RunView, room: Partial<Room> = {}): string[] {
  return frame(shown, { columns: 99, rows: 38, ...room }).map(stripAnsiCode);
}

const BUSY = statistics({
  pending: 9,
  held: 3,
  runningCount: 2,
  throughput: 3.2,
  callbacksUnderWay: [
    { event: "start", name: "submitAll", count: 1, since: performance.now() - 7_200_000 },
  ],
  workers: [
    worker(1, { state: "busy", callsDone: 20, call: runs("train", 12, 1234) }),
    worker(2, { losses: 2, starts: 3 }),
    worker(3, { state: "busy", callsDone: 7, call: runs("load", 13, 75_000) }),
    worker(4, { state: "starting" }),
  ],
  tasks: [
    taskStatistics({
      name: "train",
      queueSize: 7,
      counts: [20, 2, 1],
      runningTime: { median: 1210, p99: 2000 },
    }),
    taskStatistics({
      name: "load",
      queueSize: 1,
      counts: [7],
      runningTime: { median: 83.4, p99: 90 },
    }),
    taskStatistics({ name: "sum", queueSize: 3, held: 3, waitsFor: ["train"] }),
  ],
  recentFutures: [
    recent({ id: 9, task: "load", args: '"a.csv"' }),
    recent({ id: 10, args: "3, 0.1", state: "exception", error: "RangeError: no\n\x1b[2J loss" }),
    recent({ id: 11, state: "cancelled", runningTime: undefined }),
  ],
}, [27, 2, 1]);
const CALLS: CallDetails = {
  argsOf: (future) => future === 12 ? "3, 0.01" : undefined,
  progressOf: (future) => future === 12 ? { fraction: 0.75, message: "epoch 6" } : undefined,
};

Deno.test("frame() shows what a run does", () => {
  assertEquals(frameOf(view(BUSY, { total: 100, calls: CALLS })), [
    "",
    "running 12.3 s    WebWorkerExecutor, 4 workers",
    "━━━━━━━━━━━━━━──────────────────────────────────  30 %  about 22 s left",
    "29 of 100 done   2 failed   1 cancelled   2 running   9 pending (3 held back)   3.2 calls/s",
    "waits for submitAll() of start for 2 h 0 min",
    "",
    "task          pending  running    done  failed  cancelled    median",
    "train               6        1      22       2          1    1.21 s  slowest",
    "load                0        1       7       0          0   83.4 ms",
    "sum                 3        0       0       0          0         –  3 wait for train",
    "",
    "worker  runs                         for    done  lost  progress",
    "     1  train #12 (3, 0.01)        1.2 s      20        ━━━━━━━━━───  75 %  epoch 6",
    "     2  idle                                   0    2×",
    "     3  load #13              1 min 15 s       7",
    "     4  starting                               0",
    "",
    "last calls                              after",
    'load #9 ("a.csv")         done         250 ms',
    "train #10 (3, 0.1)        failed       250 ms  RangeError: no\\n\\x1b[2J loss",
    "train #11                 cancelled",
  ]);
});

Deno.test("frame() shows only what belongs to the run", () => {
  const before = statistics({
    workers: [worker(1, { callsDone: 15 }), worker(2, { losses: 2 })],
    tasks: [
      taskStatistics({ name: "train", counts: [5, 2, 1] }),
      taskStatistics({ name: "load", counts: [3] }),
    ],
  }, [10, 2, 1]);
  const lines = frameOf(view(BUSY, { before }));
  assertEquals(lines.slice(2, 11), [
    "17 done   0 failed   2 running   9 pending (3 held back)   3.2 calls/s",
    "waits for submitAll() of start for 2 h 0 min",
    "",
    "task          pending  running    done  failed    median",
    "train               6        1      15       0    1.21 s  slowest",
    "load                0        1       4       0   83.4 ms",
    "sum                 3        0       0       0         –  3 wait for train",
    "",
    "worker  runs                         for    done",
  ]);
});

Deno.test("frame() shows how a run has ended", () => {
  const over = {
    ...BUSY,
    phase: "not running",
    running: false,
    callbacksUnderWay: [],
    runningCount: 0,
    pending: 0,
    held: 0,
  } as const;
  const first = (lastExit: SchedulerStatistics["lastExit"]) =>
    frameOf(view({ ...over, lastExit }))[1]?.replace(/ {3,}.*/, "");
  assertEquals(first({ code: "exhausted" }), "exhausted after 12.3 s: nothing is left to do");
  assertEquals(first({ code: "stopped" }), "stopped after 12.3 s");
  assertEquals(
    first({ code: "stopped", message: "found\x07" }),
    "stopped after 12.3 s: found\\x07",
  );
  assertEquals(first({ code: "timeout" }), "timeout after 12.3 s");
  const error = "RangeError: no loss";
  assertEquals(first({ code: "exception", error }), "exception after 12.3 s: RangeError: no loss");
  // Of the workers, just the lost one is left.
  const last = frameOf(view({ ...over, lastExit: { code: "exhausted" } }));
  const head = last.findIndex((line) => line.startsWith("worker"));
  assertEquals(last.slice(head, head + 3), [
    "worker  runs                       for    done  lost",
    "     2  idle                                 0    2×",
    "",
  ]);
});

Deno.test("frame() shows what a finishing run waits for", () => {
  const lines = frameOf(
    view({ ...BUSY, phase: "finishing", waitsFor: "workers", callbacksUnderWay: [] }),
  );
  assertEquals(lines[1], "finishing 12.3 s   WebWorkerExecutor, 4 workers");
  assertEquals(lines[3], "waits for workers to end");
});

Deno.test("frame() shows the remaining time if it is known", () => {
  const timeOf = (change: Partial<SchedulerStatistics>, counts: readonly number[], total = 100) =>
    frameOf(view(statistics(change, counts), { total }))[2]?.replace(/^[━─]+ +/, "");
  assertEquals(timeOf({ elapsed: 10_000 }, []), "0 %");
  // By the whole run, until ten calls have ended in ten seconds.
  assertEquals(timeOf({ elapsed: 30_000, throughput: 0.9 }, [10]), "10 %  about 4 min 30 s left");
  assertEquals(timeOf({ elapsed: 30_000, throughput: 1 }, [10]), "10 %  about 1 min 30 s left");
  assertEquals(timeOf({ throughput: 90 }, [99]), "99 %  about 1 s left");
  assertEquals(timeOf({ throughput: 90 }, [997], 1000), "99 %  about 1 s left");
  assertEquals(timeOf({ throughput: 90 }, [90, 5, 5]), "100 %");
});

Deno.test("frame() counts no cancelled call as done", () => {
  const tasks = [taskStatistics({ name: "train", counts: [20, 2, 78] })];
  const stopped = view(statistics({ tasks }, [20, 2, 78]), { total: 100 });
  assertEquals(frameOf(stopped, { columns: 80 }).slice(2, 7), [
    `${"━".repeat(46)} 100 %`,
    "22 of 100 done   2 failed   78 cancelled   0 running   0 pending   0 calls/s",
    "",
    "task          pending  running    done  failed  cancelled    median",
    "train               0        0      22       2         78         –",
  ]);
});

Deno.test("frame() leaves out a total that more calls have exceeded", () => {
  for (const counts of [[6], [3, 1, 2], [0, 0, 5]]) {
    const now = statistics({ throughput: 90 }, counts);
    assertEquals(frameOf(view(now, { total: 4 })), frameOf(view(now)));
    assertEquals(plainLine(view(now, { total: 4 })), plainLine(view(now)));
  }
});

Deno.test("frame() fits into every terminal", () => {
  const many = {
    ...BUSY,
    workers: Array.from(
      { length: 200 },
      (_, n) => worker(n + 1, { call: runs(`職人 ${"x".repeat(n)}`, n, n * 1000), losses: n % 2 }),
    ),
    tasks: Array.from(
      { length: 50 },
      (_, n) =>
        taskStatistics({
          name: `${"タスク".repeat(n)}`,
          queueSize: n * 1_000_000,
          held: n,
          waitsFor: ["a", "b"],
          counts: [n, n, n],
        }),
    ),
  };
  for (const columns of [1, 2, 5, 9, 20, 39, 40, 55, 56, 60, 67, 68, 79, 99, 300]) {
    for (const rows of [1, 2, 3, 5, 8, 12, 16, 22, 38, 100]) {
      const lines = frameOf(view(many, { total: 1e9, calls: CALLS }), { columns, rows });
      assert(lines.length <= rows, `${columns}x${rows}: ${lines.length}`);
      const widest = Math.max(...lines.map(widthOf));
      assert(widest <= Math.min(columns, 100), `${columns}x${rows}: ${widest}`);
    }
  }
});

Deno.test("frame() shows the busiest if not all fit", () => {
  const workers = Array.from(
    { length: 40 },
    (_, n) =>
      worker(
        n + 1,
        n % 2 === 0 ? { call: runs("train", n, n * 1000) } : { losses: n === 7 ? 1 : 0 },
      ),
  );
  const lines = frameOf(view(statistics({ workers })), { rows: 16 });
  const [head = -1] = lines.flatMap((line, n) => line.startsWith("worker") ? [n] : []);
  assertEquals(lines.slice(head + 1).map((line) => line.slice(0, 18).trim()), [
    "39  train #38",
    "37  train #36",
    "35  train #34",
    "33  train #32",
    "31  train #30",
    "29  train #28",
    "27  train #26",
    "25  train #24",
    "23  train #22",
    "21  train #20",
    "… and 30 more",
  ]);
});

Deno.test("frame() keeps what matters most in a small terminal", () => {
  assertEquals(frameOf(view(BUSY), { columns: 39, rows: 8 }), [
    "running 12.3 s    WebWorkerExecutor, 4…",
    "29 done   2 failed   1 cancelled",
    "2 running   9 pending (3 held back)",
    "3.2 calls/s",
    "waits for submitAll() of start for 2 h…",
    "task          pending    done",
    "train               6      22",
    "… and 2 more",
  ]);
});

Deno.test("table() narrows columns from the left to their minimum, then from the right", () => {
  type Row = readonly [name: string, n: string, text: string];
  const columns: Column<Row>[] = [
    { head: "name", cell: ([name]) => name, min: 8, cuts: true },
    { head: "n", cell: ([, n]) => n, align: "right" },
    { head: "text", cell: ([, , text]) => text, cuts: true },
    { head: "wide", cell: () => "x", from: 42 },
  ];
  const rows: Row[] = [["a very long name", "12", "a rather long text"], ["名前", "3", "短い"]];
  const lines = (width: number, shown = columns) => table(shown, rows, width).map(stripAnsiCode);
  assertEquals(lines(46), [
    "name               n  text                wide",
    "a very long name  12  a rather long text  x",
    "名前               3  短い                x",
  ]);
  assertEquals(lines(41), lines(80, columns.slice(0, 3)));
  assertEquals(lines(32), [
    "name       n  text",
    "a very …  12  a rather long text",
    "名前       3  短い",
  ]);
  assertEquals(lines(24), [
    "name       n  text",
    "a very …  12  a rather …",
    "名前       3  短い",
  ]);
  assertEquals(lines(18)[1], "a ver…  12  a rat…");
});

Deno.test("plainLine() shows a run in one line", () => {
  assertEquals(
    plainLine(view({ ...BUSY, callbacksUnderWay: [] }, { total: 100 })),
    "12.3 s  29 of 100 done, 2 failed, 1 cancelled, 2 running, 9 pending (3 held back), 3.2/s, about 22 s left",
  );
  assertEquals(
    plainLine(view(statistics({ phase: "finishing", waitsFor: "calls" }, [4]))),
    "12.3 s  4 done, 0 running, 0 pending, 0/s, finishing, waits for calls",
  );
  const over = { phase: "not running", lastExit: { code: "stopped", message: "found" } } as const;
  assertEquals(
    plainLine(view(statistics(over, [4, 1]))),
    "12.3 s  5 done, 1 failed, 0/s, stopped after 12.3 s: found",
  );
});
