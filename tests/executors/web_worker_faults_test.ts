/**
 * Faults of Web Workers alone. Together with `crash_test.ts`, which runs against processes as well, there
 * is a test for each known kind of fault. Web Workers cannot survive these:
 *
 * - Out of memory ends the whole program. A child process contains it (`process_executor_test.ts`).
 * - A thread that never yields keeps running after `terminate()`. Its future, the queue and the run are
 *   freed, and the thread is counted and reported (below, in a separate program).
 * - `Deno.chdir`, `Deno.env.set` and `Deno.umask` in a worker change the whole program: docs/executors.md says so.
 *
 * @module
 */

import {
  ExecutorBrokenError,
  type ExitState,
  Scheduler,
  WebWorkerExecutor,
  WorkerLostError,
  type WorkerLostReason,
} from "@amltk/scheduling";
import {
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";

import { BATCH } from "../fixtures/batch_option.ts";
import type { Report } from "../fixtures/cancels_endless.ts";
import { endless, yielding } from "../fixtures/modules/endless.ts";
import { type Outcome, runFixture } from "../fixtures/run_fixture.ts";

/** The error of a lost task, after the next task of the same scheduler has run. */
async function lossOf(
  fn: () => unknown,
  reason: WorkerLostReason,
): Promise<WorkerLostError> {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const next = scheduler.task(() => "next");
  let error: unknown;
  scheduler.onStart(async () => {
    const lost = scheduler.submit(fn);
    next.submit();
    error = await lost.catch((error) => error);
  });
  assertEquals((await scheduler.run({ onException: "ignore" })).code, "exhausted");
  assertInstanceOf(error, WorkerLostError);
  assertEquals([error.reason, next.eventCounts.result], [reason, 1]);
  return error;
}

let endlessRuns: Promise<Outcome> | undefined;

/** The reports and the output of one program that cancels every kind of thread that never yields. */
async function cancelEndless(): Promise<{ reports: Record<string, Report>; lines: string[] }> {
  endlessRuns ??= runFixture("cancels_endless.ts", undefined, Object.keys(endless));
  const { code, stdout, stderr } = await endlessRuns;
  assertEquals(code, 0, stderr);
  return { reports: JSON.parse(stdout), lines: stderr.trim().split("\n") };
}

for (const name of Object.keys(endless)) {
  Deno.test(`${name} is cancelled, counted and reported, and the next runs`, async () => {
    const { reports, lines } = await cancelEndless();
    const exit: ExitState = { code: "exhausted", runaways: 1 };
    assertEquals(reports[name], { exit, cancelled: 1, next: 1 });
    const [reported = "", ...more] = lines.filter((line) => line.includes(`that ran ${name} was`));
    assertStringIncludes(reported, `The thread that ran ${name} was told to end`);
    assertMatch(reported, /Scheduler\.withProcesses/);
    // Each thread is reported only once.
    assertEquals([more, lines.length], [[], Object.keys(endless).length]);
  });
}

Deno.test("endless timers and messages yield, so cancelling ends them", async () => {
  const names = Object.keys(yielding);
  const { code, stdout, stderr } = await runFixture("cancels_endless.ts", undefined, names);
  assertEquals([code, stderr], [0, ""]);
  const exit: ExitState = { code: "exhausted", runaways: 0 };
  const report: Report = { exit, cancelled: 1, next: 1 };
  assertEquals(JSON.parse(stdout), Object.fromEntries(names.map((name) => [name, report])));
});

Deno.test("too many runaways shrink the pool until calls fail", async () => {
  const { code, stdout } = await runFixture("runaways.ts");
  assertEquals(code, 0);
  const { exit, cancelled, results, errors } = JSON.parse(stdout);
  assertEquals(exit, { code: "stopped", runaways: 2 });
  assertEquals([cancelled, results, errors.length], [2, 1, 1]);
  assertMatch(
    errors[0],
    /^ExecutorBrokenError: No worker is left: 2 terminated threads .*withProcesses/,
  );
});

Deno.test("a worker that dies without a word fails its task", async () => {
  // No code in a worker can bypass the interception, so its life lock is stolen: to the pool, that looks
  // like the exit of the thread.
  const error = await lossOf(async () => {
    const { locks } = navigator as unknown as {
      locks: {
        query(): Promise<{ held: { name: string }[] }>;
        request(name: string, options: { steal: boolean }, granted: () => void): Promise<void>;
      };
    };
    for (const { name } of (await locks.query()).held) {
      await locks.request(name, { steal: true }, () => {});
    }
    await new Promise(() => {});
  }, "died");
  assertStringIncludes(error.message, "without a word");
});

Deno.test("an error that passes the worker's own listeners fails its task", async () => {
  const error = await lossOf(async () => {
    const nested = `throw new RangeError("in a nested worker")`;
    new Worker(`data:text/javascript,${encodeURIComponent(nested)}`, { type: "module" });
    await new Promise(() => {});
  }, "uncaught-error");
  assertInstanceOf(error.cause, Error);
  assertStringIncludes(error.cause.message, "nested worker");
});

Deno.test("a buffer that was moved before fails its task when moved again", async () => {
  const buffer = new ArrayBuffer(8);
  structuredClone(buffer, { transfer: [buffer] });
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const task = scheduler.task((b: ArrayBuffer) => b.byteLength);
  scheduler.onStart(async () => {
    const moved = task.with({ transfer: [buffer] }).submit(buffer);
    const error = await assertRejects(() => moved, DOMException);
    assertMatch(error.message, /cannot be called: (its arguments|argument 1)/);
    assertEquals(await task.submit(new ArrayBuffer(3)), 3);
  });
  await scheduler.run({ onException: [[DOMException, "ignore"]] });
});

Deno.test("messages that a task posts itself are ignored", async () => {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  scheduler.onStart(async () => {
    const noisy = scheduler.submit(() => {
      const { postMessage } = self as unknown as { postMessage(message: unknown): void };
      for (const message of [null, 1, { id: "x" }, { type: "ready" }]) postMessage(message);
      return "posted";
    });
    assertEquals(await noisy, "posted");
  });
  assertEquals((await scheduler.run()).code, "exhausted");
});

Deno.test("a message that a task posts is not its answer", async () => {
  const error = await lossOf(() => {
    const { postMessage } = self as unknown as { postMessage(message: unknown): void };
    for (const message of [1, { id: "x" }, { type: "RAW", value: { ok: true } }]) {
      postMessage(message);
    }
    Deno.exit(3);
  }, "exit");
  assertEquals(error.exitCode, 3);
});

Deno.test("an uncaught error between tasks fails none of them", async () => {
  const { code, stdout, stderr } = await runFixture("error_between_tasks.ts");
  assertEquals([code, stdout.trim()], [0, "stopped 2"]);
  assertMatch(stderr, /between two tasks: RangeError: late/);
});

Deno.test("an executor whose workers cannot start is broken, and says why", async () => {
  // The worker's module, a local file, cannot be read without permission.
  const { stdout } = await runFixture("no_permissions.ts", []);
  assertMatch(stdout, /^ExecutorBrokenError: No worker can be started: .*read/);
  assertStringIncludes(stdout, "3 failed");
});

Deno.test("a worker that is not ready in time cannot start", async () => {
  const initializer = () => new Promise(() => {});
  const options = { ...BATCH, startTimeout: 0, initializer };
  const scheduler = new Scheduler(new WebWorkerExecutor(1, options));
  scheduler.onStart(async () => {
    const future = scheduler.submit(() => 1);
    const error = await assertRejects(() => future, ExecutorBrokenError);
    assertStringIncludes(error.message, "Its worker was not ready within 0 ms");
  });
  assertEquals(
    (await scheduler.run({ onException: [[ExecutorBrokenError, "ignore"]] })).code,
    "exhausted",
  );
});

const spoils: Readonly<Record<string, () => void>> = {
  "MessagePort.prototype.postMessage()": () => {
    MessagePort.prototype.postMessage = () => {};
  },
  "Map.prototype.get()": () => {
    Map.prototype.get = () => undefined;
  },
};

for (const [what, spoil] of Object.entries(spoils)) {
  Deno.test(`no call is lost though a task breaks ${what} in its worker`, async () => {
    const scheduler = Scheduler.withWorkers(1, BATCH);
    const wrap = scheduler.task((n: number) => ({ n }));
    scheduler.onStart(async () => {
      await scheduler.submit(spoil);
      assertEquals(await Promise.all([wrap.submit(1), wrap.submit(2)]), [{ n: 1 }, { n: 2 }]);
    });
    await scheduler.run();
  });
}
