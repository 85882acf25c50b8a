/** The guide's table of pairs of plugins: each sentence of a cell is checked, in both orders. @module */

import { assert, assertEquals } from "@std/assert";
import {
  type Call,
  Comm,
  type Future,
  Journal,
  Limiter,
  LimitError,
  ResourceLimits,
  Retry,
  Scheduler,
  Throttle,
  WallTimeLimitError,
  type WorkerComm,
} from "@amltk/scheduling";
import * as plugins from "@amltk/scheduling/plugins";
import { BATCH } from "../fixtures/batch_option.ts";
import { docTable } from "../fixtures/doc_table.ts";
import { during } from "../fixtures/during.ts";
import { JournalFile } from "../fixtures/journal_file.ts";
import { ManualExecutor } from "../fixtures/manual_executor.ts";
import { traceOf } from "../fixtures/trace.ts";

/** Puts two plugins into the list of a task, in the order that is tested. */
type InOrder = <A, B>(one: A, other: B) => (A | B)[];
type Check = (inOrder: InOrder) => Promise<void>;

const ORDERS: Readonly<Record<string, InOrder>> = {
  "as named": (one, other) => [one, other],
  "the other way round": (one, other) => [other, one],
};

const IGNORE_TASKS = { onException: { tasks: "ignore" } } as const;
const WALL_TIME = 60;
// For calls that do something before it is up.
const LONG_WALL_TIME = 500;

const same = (n: number): number => n;
const stuck = () => new Promise<void>(() => {});
const failure = new RangeError("no");
const always = () => true;

/** Also keeps the arguments of calls, which let go of them when they settle. */
class RecordingExecutor extends ManualExecutor {
  readonly args: unknown[] = [];

  override submit(call: Call): void {
    super.submit(call);
    this.args.push(call.args[0]);
  }
}

function manually() {
  const executor = new RecordingExecutor();
  return { executor, scheduler: new Scheduler(executor) };
}

/** Lets the plugins decide. */
async function decided(): Promise<void> {
  for (let hop = 0; hop < 20; hop++) await null;
}

/** Acts on a journal that knows nothing yet. */
async function withJournal(
  act: (journal: Journal, at: ReturnType<typeof manually>) => Promise<void>,
): Promise<void> {
  using file = new JournalFile();
  using journal = new Journal({ path: file.path });
  await act(journal, manually());
}

/** A scheduler that runs functions with `Comm` in this thread. */
const here = () => Scheduler.withSequential();

const settled = (futures: readonly (Future<unknown> | undefined)[]) => Promise.allSettled(futures);

const CHECKS: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  "`Comm`, `Journal`": {
    "A known call has no messages: it is not open, and `comm.send()` to it returns false.": async (
      inOrder,
    ) => {
      using file = new JournalFile();
      const scheduler = here();
      const comm = new Comm();
      using journal = new Journal({ path: file.path });
      const task = scheduler.task((comm: WorkerComm<{ sent: number }>, n: number) => {
        comm.send(n);
        return n * 2;
      }, { plugins: inOrder(comm, journal) });
      task.on("journal-hit", (future) => assertEquals(comm.send(future, 1), false));
      await during(scheduler, async () => {
        assertEquals([await task.submit(1), await task.submit(1), await task.submit(2)], [2, 2, 4]);
      });
      const { "comm-open": open, "comm-message": messages, "comm-close": closed } =
        task.eventCounts;
      assertEquals([open, messages, closed, task.eventCounts["journal-hit"]], [2, 2, 2, 1]);
    },
    "What a call returns that was asked to end by its signal is kept.": async (inOrder) => {
      using file = new JournalFile();
      const scheduler = here();
      using journal = new Journal({ path: file.path });
      const task = scheduler.task(async ({ signal }: WorkerComm) => {
        if (!signal.aborted) {
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
        }
        return "last score";
      }, { plugins: inOrder(new Comm(), journal) });
      task.on("comm-open", (future) => void future.cancel({ grace: 60_000 }));
      await during(scheduler, async () => {
        assertEquals([await task.submit(), await task.submit()], ["last score", "last score"]);
      });
      assertEquals([task.eventCounts["comm-open"], task.eventCounts["journal-hit"]], [1, 1]);
    },
  },
  "`Comm`, `Limiter`": {
    "A declined submission has no messages.": async (inOrder) => {
      const scheduler = Scheduler.withWorkers(1, BATCH);
      const task = scheduler.task((_comm: WorkerComm) => {}, {
        plugins: inOrder(new Comm(), new Limiter({ maxCalls: 1 })),
      });
      await during(scheduler, async () => {
        await task.submit();
        assertEquals(task.submit(), undefined);
      });
      assertEquals([task.eventCounts["comm-open"], task.eventCounts["comm-close"]], [1, 1]);
    },
    "A call counts under `maxConcurrent` until it has settled, so in `comm-close` too.": async (
      inOrder,
    ) => {
      const scheduler = Scheduler.withWorkers(1, BATCH);
      const task = scheduler.task((_comm: WorkerComm) => {}, {
        plugins: inOrder(new Comm(), new Limiter({ maxConcurrent: 1 })),
      });
      const declined: boolean[] = [];
      const submit = () => void declined.push(task.submit() === undefined);
      task.on("comm-close", submit, { limit: 1 });
      task.onDone(submit, { limit: 1 });
      await during(scheduler, () => void task.submit());
      assertEquals(declined, [true, false]);
    },
  },
  "`Comm`, `ResourceLimits`": {
    "A call that exceeds a limit emits `comm-close`, then the event of the limit.": async (
      inOrder,
    ) => {
      const scheduler = Scheduler.withWorkers(1, BATCH);
      const task = scheduler.task(async (comm: WorkerComm<{ sent: string }>) => {
        comm.send("last words");
        await new Promise(() => {});
      }, {
        name: "talks",
        plugins: inOrder(new Comm(), new ResourceLimits({ wallTime: LONG_WALL_TIME })),
      });
      const trace = traceOf(scheduler, task);
      await during(scheduler, () => void task.submit(), IGNORE_TASKS);
      assertEquals(trace.filter((event) => /comm|limit|done/.test(event)), [
        ...["talks comm-open", "talks comm-message", "talks comm-close"],
        ...["future-done", "talks done", "talks wall-time-limit-reached"],
      ]);
    },
    "The time in which a function waits for an answer counts as its wall time.": async (
      inOrder,
    ) => {
      const scheduler = Scheduler.withWorkers(1, BATCH);
      const task = scheduler.task(async (comm: WorkerComm<{ asked: number }>) => {
        await comm.request(1);
      }, { plugins: inOrder(new Comm(), new ResourceLimits({ wallTime: LONG_WALL_TIME })) });
      task.on("comm-request", () => {
        // Nobody answers.
      });
      await during(scheduler, () => void task.submit(), IGNORE_TASKS);
      const { "comm-request": asked, "wall-time-limit-reached": exceeded } = task.eventCounts;
      assertEquals([asked, exceeded], [1, 1]);
    },
  },
  "`Comm`, `Retry`": {
    "Each attempt has messages of its own, from its `comm-open` to its `comm-close`, before `retry`.":
      async (inOrder) => {
        const scheduler = Scheduler.withWorkers(1, BATCH);
        const attempts = new Int32Array(new SharedArrayBuffer(4));
        const fails = (comm: WorkerComm<{ sent: number }>, attempts: Int32Array) => {
          const attempt = Atomics.add(attempts, 0, 1) + 1;
          comm.send(attempt);
          if (attempt < 3) throw new RangeError("no");
          return attempt;
        };
        const plugins = inOrder(
          new Comm(),
          new Retry({ maxAttempts: 3, backoff: 1, retryIf: always }),
        );
        const task = scheduler.task(fails, { plugins });
        const seen: string[] = [];
        task.on("comm-open", () => seen.push("open"));
        task.on("comm-message", (_future, data) => seen.push(`message ${data}`));
        task.on("comm-close", () => seen.push("close"));
        task.on("retry", (_future, attempt) => seen.push(`retry ${attempt}`));
        await during(scheduler, async () => assertEquals(await task.submit(attempts), 3));
        assertEquals(seen, [
          ...["open", "message 1", "close", "retry 1"],
          ...["open", "message 2", "close", "retry 2"],
          ...["open", "message 3", "close"],
        ]);
      },
    "A call that was asked to end by its signal is not tried again.": async (inOrder) => {
      for (const how of ["cancel", "end"]) {
        const scheduler = Scheduler.withWorkers(1, BATCH);
        const task = scheduler.task(async ({ signal }: WorkerComm) => {
          if (!signal.aborted) {
            await new Promise((resolve) => signal.addEventListener("abort", resolve));
          }
          throw new RangeError("no");
        }, {
          plugins: inOrder(
            new Comm(),
            new Retry({ maxAttempts: 3, backoff: 0, retryIf: always }),
          ),
        });
        task.on("comm-open", (future) => {
          if (how === "cancel") assertEquals(future.cancel({ grace: 60_000 }), true);
          else scheduler.stop();
        });
        scheduler.onStart(() => void task.submit());
        await scheduler.run({ ...IGNORE_TASKS, wait: 60_000 });
        const { exception, retry, cancelled } = task.eventCounts;
        assertEquals([exception, retry, cancelled], [1, 0, 0], how);
      }
    },
  },
  "`Comm`, `Throttle`": {
    "A held call is not open, and `comm.send()` to it returns false.": async (inOrder) => {
      const scheduler = Scheduler.withWorkers(1, BATCH);
      const comm = new Comm();
      const task = scheduler.task(async (comm: WorkerComm<{ received: number }>) => {
        for await (const n of comm) return n;
        return 0;
      }, { plugins: inOrder(comm, new Throttle({ maxConcurrent: 1 })) });
      const open: number[] = [];
      await during(scheduler, async () => {
        const futures = [task.submit(), task.submit()];
        task.on("comm-open", (future) => {
          open.push(futures.indexOf(future));
          assertEquals(futures.map((to) => comm.send(to, 7)), [
            open.length === 1,
            open.length === 2,
          ]);
        });
        assertEquals(await Promise.all(futures), [7, 7]);
      });
      assertEquals(open, [0, 1]);
    },
    "A call has its turn until its `comm-close`, and has given it back in `future-done`.": async (
      inOrder,
    ) => {
      const scheduler = Scheduler.withWorkers(1, BATCH);
      const throttle = new Throttle({ maxConcurrent: 1 });
      const task = scheduler.task((_comm: WorkerComm) => {}, {
        plugins: inOrder(new Comm(), throttle),
      });
      const taken: unknown[] = [];
      const look = () => void taken.push(throttle.statistics()["maxConcurrent"]);
      task.on("comm-open", look);
      task.on("comm-close", look);
      scheduler.onFutureDone(look);
      await during(scheduler, () => void task.submit());
      assertEquals(taken, ["1/1", "1/1", "0/1"]);
    },
  },
  "`Journal`, `Limiter`": {
    "A known call counts under `maxCalls`, and under `maxConcurrent` until it has settled.": async (
      inOrder,
    ) => {
      await withJournal(async (journal, { executor, scheduler }) => {
        const plugins = inOrder(journal, new Limiter({ maxCalls: 3, maxConcurrent: 1 }));
        const task = scheduler.task(same, { plugins });
        await during(scheduler, async () => {
          task.submit(1);
          executor.calls[0]?.succeed(5);
          const known = task.submit(1);
          assertEquals(task.submit(2), undefined);
          assertEquals([await known, await task.submit(1), task.submit(2)], [5, 5, undefined]);
        });
        const { "call-limit-reached": calls, "concurrent-limit-reached": concurrent } =
          task.eventCounts;
        assertEquals([executor.args, calls, concurrent], [[1], 1, 1]);
      });
    },
    "An equal submission does not wait for a declined one.": async (inOrder) => {
      await withJournal(async (journal, { executor, scheduler }) => {
        const limiter = new Limiter({ maxConcurrent: 1 });
        const task = scheduler.task(same, { plugins: inOrder(journal, limiter) });
        await during(scheduler, async () => {
          task.submit(1);
          assertEquals(task.submit(2), undefined);
          executor.calls[0]?.succeed(1);
          const future = task.submit(2);
          executor.calls[1]?.succeed(2);
          assertEquals(await future, 2);
        });
      });
    },
  },
  "`Journal`, `ResourceLimits`": {
    "A call that exceeds a limit is not kept.": async (inOrder) => {
      using file = new JournalFile();
      using journal = new Journal({ path: file.path });
      const scheduler = Scheduler.withWorkers(1, BATCH);
      const task = scheduler.task(stuck, {
        plugins: inOrder(journal, new ResourceLimits({ wallTime: WALL_TIME })),
      });
      await during(scheduler, async () => {
        await settled([task.submit()]);
        await settled([task.submit()]);
      }, IGNORE_TASKS);
      assertEquals([task.eventCounts["wall-time-limit-reached"], [...journal.entries()]], [2, []]);
    },
    "Limits are no part of the key, and those of a known call do not run.": async (inOrder) => {
      using file = new JournalFile();
      const journals = [1, 2].map(() => new Journal({ path: file.path }));
      const [first, second] = journals as [Journal, Journal];
      const scheduler = Scheduler.withWorkers(1, BATCH);
      const computed = scheduler.task(same, { plugins: first });
      const known = scheduler.task(same, {
        plugins: inOrder(second, new ResourceLimits({ wallTime: 1 })),
      });
      await during(scheduler, async () => {
        assertEquals([await computed.submit(1), await known.submit(1)], [1, 1]);
      });
      const { "journal-hit": hits, "wall-time-limit-reached": exceeded } = known.eventCounts;
      assertEquals([hits, exceeded], [1, 0]);
      for (const journal of journals) journal.close();
    },
  },
  "`Journal`, `Retry`": {
    "A call is looked up once, and its last result is kept.": async (inOrder) => {
      await withJournal(async (journal, { executor, scheduler }) => {
        const retry = new Retry({ maxAttempts: 3, backoff: 0, retryIf: always });
        const task = scheduler.task(same, { plugins: inOrder(journal, retry) });
        await during(scheduler, async () => {
          const future = task.submit(1);
          for (const attempt of [0, 1]) {
            executor.calls[attempt]?.fail(failure);
            await decided();
            assertEquals([...journal.entries()], []);
          }
          executor.calls[2]?.succeed(5);
          assertEquals([await future, await task.submit(1)], [5, 5]);
        });
        const { hits, misses } = journal.statistics();
        assertEquals([executor.args, hits, misses], [[1, 1, 1], 1, 1]);
      });
    },
    "An equal call waits until the last attempt has ended, and then has attempts of its own.":
      async (inOrder) => {
        await withJournal(async (journal, { executor, scheduler }) => {
          const retry = new Retry({ maxAttempts: 2, backoff: 0, retryIf: always });
          const task = scheduler.task(same, { plugins: inOrder(journal, retry) });
          await during(scheduler, async () => {
            const futures = [task.submit(1), task.submit(1)];
            for (const attempt of [0, 1, 2]) {
              assertEquals([executor.calls.length, futures[1]?.state], [attempt + 1, "pending"]);
              executor.calls[attempt]?.fail(failure);
              await decided();
            }
            executor.calls[3]?.succeed(5);
            await settled(futures);
            assertEquals(futures.map(({ exception, result }) => exception ?? result), [failure, 5]);
          }, IGNORE_TASKS);
        });
      },
  },
  "`Journal`, `Throttle`": {
    "A known call takes no turn and is no start.": async (inOrder) => {
      await withJournal(async (journal, { executor, scheduler }) => {
        const throttle = new Throttle({ maxConcurrent: 1, maxStarts: 2, interval: 1_000_000 });
        const task = scheduler.task(same, { plugins: inOrder(journal, throttle) });
        await during(scheduler, async () => {
          task.submit(1);
          executor.calls[0]?.succeed(5);
          const running = task.submit(2);
          assertEquals([await task.submit(1), running.state], [5, "pending"]);
          assertEquals(throttle.statistics()["maxStarts"], "2/2");
          executor.calls[1]?.succeed(6);
        });
      });
    },
    "A call that waits for an equal one takes no turn.": async (inOrder) => {
      await withJournal(async (journal, { executor, scheduler }) => {
        const throttle = new Throttle({ maxConcurrent: 2 });
        const task = scheduler.task(same, { plugins: inOrder(journal, throttle) });
        await during(scheduler, () => {
          for (const n of [1, 1, 2]) task.submit(n);
          assertEquals(executor.args, [1, 2]);
          for (const call of executor.calls) call.succeed(5);
        });
        assertEquals(throttle.statistics(), { maxConcurrent: "0/2", held: 0 });
      });
    },
  },
  "`Limiter`, `ResourceLimits`": {
    "A call that exceeds a limit was accepted, so it counts under `maxCalls`.": async (inOrder) => {
      const scheduler = Scheduler.withWorkers(1, BATCH);
      const task = scheduler.task(stuck, {
        plugins: inOrder(
          new Limiter({ maxCalls: 1 }),
          new ResourceLimits({ wallTime: WALL_TIME }),
        ),
      });
      await during(scheduler, async () => {
        await settled([task.submit()]);
        assertEquals(task.submit(), undefined);
      }, IGNORE_TASKS);
      const { "call-limit-reached": declined, "wall-time-limit-reached": exceeded } =
        task.eventCounts;
      assertEquals([declined, exceeded], [1, 1]);
    },
    "Its place under `maxConcurrent` is free when the event of the limit is emitted.": async (
      inOrder,
    ) => {
      const scheduler = Scheduler.withWorkers(1, BATCH);
      const task = scheduler.task(stuck, {
        plugins: inOrder(
          new Limiter({ maxConcurrent: 1 }),
          new ResourceLimits({ wallTime: WALL_TIME }),
        ),
      });
      const later: unknown[] = [];
      task.on("wall-time-limit-reached", () => void later.push(task.submit()), { limit: 1 });
      await during(scheduler, () => {
        task.submit();
        assertEquals(task.submit(), undefined);
      }, IGNORE_TASKS);
      assertEquals([later.length, later[0] === undefined], [1, false]);
    },
  },
  "`Limiter`, `Retry`": {
    "A call counts once under `maxCalls`, however many attempts it has.": async (inOrder) => {
      const { executor, scheduler } = manually();
      const task = scheduler.task(same, {
        plugins: inOrder(
          new Limiter({ maxCalls: 2 }),
          new Retry({ maxAttempts: 3, backoff: 0, retryIf: always }),
        ),
      });
      await during(scheduler, async () => {
        task.submit(1);
        for (let attempt = 1; attempt <= 3; attempt++) {
          executor.calls.at(-1)?.fail(failure);
          await decided();
        }
        assertEquals([task.submit(2) === undefined, task.submit(3) === undefined], [false, true]);
        executor.calls.at(-1)?.succeed(2);
      }, IGNORE_TASKS);
      assertEquals(executor.args, [1, 1, 1, 2]);
    },
    "Under `maxConcurrent` of `Limiter` it counts during its pauses too.": async (inOrder) => {
      const { executor, scheduler } = manually();
      const task = scheduler.task(same, {
        plugins: inOrder(
          new Limiter({ maxConcurrent: 1 }),
          new Retry({ maxAttempts: 2, backoff: 1_000_000, retryIf: always }),
        ),
      });
      await during(scheduler, async () => {
        const future = task.submit(1);
        executor.calls[0]?.fail(failure);
        await decided();
        assertEquals([future?.state, task.submit(2)], ["pending", undefined]);
        future?.cancel();
        task.submit(3)?.cancel();
      });
      assertEquals(executor.args, [1, 3]);
    },
  },
  "`Limiter`, `Throttle`": {
    "A declined submission takes no turn.": async (inOrder) => {
      const { executor, scheduler } = manually();
      const throttle = new Throttle({ maxConcurrent: 1 });
      const task = scheduler.task(same, {
        plugins: inOrder(new Limiter({ maxCalls: 2 }), throttle),
      });
      await during(scheduler, () => {
        for (const n of [1, 2, 3, 4]) task.submit(n);
        assertEquals(throttle.statistics(), { maxConcurrent: "1/1", held: 1 });
        executor.calls[0]?.succeed(1);
        executor.calls[1]?.succeed(2);
        assertEquals(throttle.statistics(), { maxConcurrent: "0/1", held: 0 });
      });
      assertEquals(executor.args, [1, 2]);
    },
    "A held call counts under `maxConcurrent` of `Limiter`.": async (inOrder) => {
      const { executor, scheduler } = manually();
      const task = scheduler.task(same, {
        plugins: inOrder(new Limiter({ maxConcurrent: 2 }), new Throttle({ maxConcurrent: 1 })),
      });
      await during(scheduler, () => {
        const futures = [1, 2, 3].map((n) => task.submit(n));
        assertEquals(futures.map((future) => future?.state), ["pending", "pending", undefined]);
        assertEquals(executor.args, [1]);
        executor.calls[0]?.succeed(1);
        executor.calls[1]?.succeed(2);
      });
      assertEquals(task.eventCounts["concurrent-limit-reached"], 1);
    },
  },
  "`ResourceLimits`, `Retry`": {
    "Each attempt has its whole limits.": async (inOrder) => {
      const scheduler = Scheduler.withWorkers(1, BATCH);
      const task = scheduler.task(stuck, {
        plugins: inOrder(
          new ResourceLimits({ wallTime: WALL_TIME }),
          new Retry({ maxAttempts: 2, backoff: 0, retryIf: always }),
        ),
      });
      const ends: number[] = [];
      task.on("retry", (_future, _attempt, error) => {
        assert(error instanceof WallTimeLimitError);
        ends.push(performance.now());
      });
      await during(scheduler, async () => {
        const future = task.submit();
        await settled([future]);
        assertTookItsTime(future);
        assert((future.startedAt ?? NaN) >= (ends[0] ?? NaN));
      }, IGNORE_TASKS);
      assertEquals(ends.length, 1);
    },
    "The event of a limit is emitted once, if the last attempt exceeded it.": async (inOrder) => {
      for (const attempts of [2, 3]) {
        const scheduler = Scheduler.withWorkers(1, BATCH);
        const retries = new Int32Array(new SharedArrayBuffer(4));
        const waitsTwice = async (retries: Int32Array) => {
          if (Atomics.load(retries, 0) < 2) await new Promise(() => {});
        };
        const task = scheduler.task(waitsTwice, {
          plugins: inOrder(
            new ResourceLimits({ wallTime: LONG_WALL_TIME }),
            new Retry({ maxAttempts: attempts, backoff: 0, retryIf: always }),
          ),
        });
        task.on("retry", () => void Atomics.add(retries, 0, 1));
        await during(scheduler, async () => {
          await settled([task.submit(retries)]);
        }, { onException: [[LimitError, "ignore"]] });
        assertEquals(task.eventCounts["wall-time-limit-reached"], attempts === 2 ? 1 : 0);
      }
    },
  },
  "`ResourceLimits`, `Throttle`": {
    "The limits of a held call do not run.": async (inOrder) => {
      const scheduler = Scheduler.withWorkers(2, BATCH);
      const task = scheduler.task(stuck, {
        plugins: inOrder(
          new ResourceLimits({ wallTime: WALL_TIME }),
          new Throttle({ maxConcurrent: 1 }),
        ),
      });
      await during(scheduler, async () => {
        const futures = [task.submit(), task.submit()];
        await settled(futures);
        for (const future of futures) assertTookItsTime(future);
        const [first, second] = futures;
        assert((second?.startedAt ?? NaN) >= (first?.startedAt ?? NaN) + WALL_TIME - 1);
      }, IGNORE_TASKS);
    },
    "A call that exceeds a limit gives its turn back.": async (inOrder) => {
      const scheduler = Scheduler.withWorkers(1, BATCH);
      const throttle = new Throttle({ maxConcurrent: 1 });
      const task = scheduler.task(async (n: number) => n === 0 ? await new Promise(() => {}) : n, {
        plugins: inOrder(new ResourceLimits({ wallTime: 60_000 }), throttle),
      });
      const limited = task.with({ limits: { wallTime: WALL_TIME } });
      const taken: unknown[] = [];
      await during(scheduler, async () => {
        const futures = [limited.submit(0), task.submit(1), task.submit(2)];
        // The next call takes it at once.
        task.on("wall-time-limit-reached", () => taken.push(throttle.statistics()["held"]));
        await settled(futures);
        assertEquals(futures.map(({ result }) => result), [undefined, 1, 2]);
      }, IGNORE_TASKS);
      assertEquals([taken, throttle.statistics()["maxConcurrent"]], [[1], "0/1"]);
    },
  },
  "`Retry`, `Throttle`": {
    "Each attempt takes a turn and counts as a start.": async (inOrder) => {
      const { executor, scheduler } = manually();
      const throttle = new Throttle({ maxConcurrent: 1, maxStarts: 9, interval: 1_000_000 });
      const task = scheduler.task(same, {
        plugins: inOrder(new Retry({ maxAttempts: 3, backoff: 0, retryIf: always }), throttle),
      });
      await during(scheduler, async () => {
        const future = task.submit(1);
        for (const attempt of [1, 2, 3]) {
          const { maxConcurrent, maxStarts } = throttle.statistics();
          assertEquals([maxConcurrent, maxStarts], ["1/1", `${attempt}/9`]);
          executor.calls.at(-1)?.fail(failure);
          await decided();
        }
        assertEquals(future.exception, failure);
        assertEquals(throttle.statistics()["maxConcurrent"], "0/1");
      }, IGNORE_TASKS);
    },
    "A call that pauses has given its turn back.": async (inOrder) => {
      const { executor, scheduler } = manually();
      const retry = new Retry({ maxAttempts: 2, backoff: 1_000_000, retryIf: always });
      const task = scheduler.task(same, {
        plugins: inOrder(retry, new Throttle({ maxConcurrent: 1 })),
      });
      await during(scheduler, async () => {
        const [first] = [task.submit(1), task.submit(2)];
        executor.calls[0]?.fail(failure);
        await decided();
        assertEquals([executor.args, retry.statistics()["waiting"]], [[1, 2], 1]);
        executor.calls[1]?.succeed(2);
        first?.cancel();
      });
    },
    "An attempt waits behind the held calls of its priority.": async (inOrder) => {
      const { executor, scheduler } = manually();
      const task = scheduler.task(same, {
        plugins: inOrder(
          new Retry({ maxAttempts: 2, backoff: 0, retryIf: always }),
          new Throttle({ maxConcurrent: 1 }),
        ),
      });
      await during(scheduler, async () => {
        const futures = [1, 2, 3].map((n) => task.with({ priority: 1 }).submit(n));
        futures.push(task.submit(4));
        executor.calls[0]?.fail(failure);
        await decided();
        for (const next of [1, 2, 3, 4]) executor.calls[next]?.succeed(0);
        await Promise.all(futures);
      });
      assertEquals(executor.args, [1, 2, 3, 1, 4]);
    },
  },
};

/** Its last attempt has run for the time of its limit. */
function assertTookItsTime({ startedAt = NaN, settledAt = NaN }: Future<unknown>): void {
  assert(settledAt - startedAt >= WALL_TIME - 1, `${settledAt - startedAt}`);
}

// --- the table

const [header, ...rows] = await docTable("docs/plugin_pairs.md", "plugins");

Deno.test("The table of pairs lists every two plugins once", () => {
  const names = Object.keys(plugins).filter((name) => /^[A-Z](?!.*Error$)/.test(name));
  const pairs = names.sort().flatMap((one, index) =>
    names.slice(index + 1).map((other) => `\`${one}\`, \`${other}\``)
  );
  assertEquals(header, ["plugins", "together"]);
  assertEquals(rows.map(([pair]) => pair), pairs);
});

for (const [pair = "", cell = ""] of rows) {
  const checks = CHECKS[pair] ?? {};
  Deno.test(`Pairs of plugins: each sentence about ${pair} has a check`, () => {
    assertEquals(cell.split(/(?<=\.) /), Object.keys(checks));
  });
  for (const [sentence, check] of Object.entries(checks)) {
    for (const [order, inOrder] of Object.entries(ORDERS)) {
      Deno.test(`Pairs of plugins: ${pair}, ${order}: ${sentence}`, () => check(inOrder));
    }
  }
}
