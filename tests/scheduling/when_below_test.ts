// whenBelow() of scheduler and task: when its promises fulfil, and that none stays pending.
import { Scheduler, SchedulerNotRunningError } from "@amltk/scheduling";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { BATCH } from "../fixtures/batch_option.ts";

const executors: Readonly<Record<string, () => Scheduler>> = {
  workers: () => Scheduler.withWorkers(2, BATCH),
  processes: () => Scheduler.withProcesses(2, BATCH),
  sequential: () => Scheduler.withSequential(),
};

const never = () => new Promise<never>(() => {});

for (const [executor, make] of Object.entries(executors)) {
  Deno.test(`${executor}: whenBelow() holds back code that submits`, async () => {
    const scheduler = make();
    const task = scheduler.task((n: number) => n);
    let most = 0;
    scheduler.onStart(async () => {
      for (let n = 0; n < 200; n++) {
        await (n % 2 === 0 ? scheduler : task).whenBelow(5);
        task.submit(n);
        most = Math.max(most, task.runningCount);
      }
    });
    assertEquals((await scheduler.run()).code, "exhausted");
    assertEquals([most, task.eventCounts.result], [5, 200]);
  });

  Deno.test(`${executor}: whenBelow() rejects when the run ends first`, async () => {
    const scheduler = make();
    const task = scheduler.task(never);
    const reason = new RangeError("no more");
    const waiting: Promise<void>[] = [];
    scheduler.onStart(() => {
      task.submit();
      waiting.push(scheduler.whenBelow(1), task.whenBelow(1), task.whenBelow(1));
      // Nobody awaits it: no unhandled rejection.
      scheduler.whenBelow(1);
      scheduler.stop(reason);
    });
    const exit = await scheduler.run({ wait: false, onException: { run: "end" } });
    assertEquals(exit.code, "stopped");
    for (const promise of waiting) {
      const error = await assertRejects(() => promise, SchedulerNotRunningError, "fewer than 1");
      assertStrictEquals(error.cause, reason);
    }
  });
}

Deno.test("whenBelow() fulfils at once when there are fewer futures", async () => {
  const scheduler = Scheduler.withSequential();
  const [task, other] = [scheduler.task(never), scheduler.task(never)];
  const steps: string[] = [];
  scheduler.onStart(async () => {
    const futures = [task.submit(), other.submit()];
    await Promise.all([task.whenBelow(2), other.whenBelow(2), scheduler.whenBelow(3)]);
    scheduler.whenBelow(2).then(() => steps.push("scheduler"));
    task.whenBelow(1).then(() => steps.push("task"));
    other.whenBelow(1).then(() => steps.push("other"));
    for (const future of futures.toReversed()) {
      steps.push("cancel");
      future.cancel();
      await new Promise((resolve) => setTimeout(resolve));
    }
  });
  assertEquals((await scheduler.run()).code, "exhausted");
  assertEquals(steps, ["cancel", "scheduler", "other", "cancel", "task"]);
});

Deno.test("whenBelow() rejects outside of a run", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task(() => 1);
  const errors: unknown[] = [];
  const ask = async () => {
    for (const each of [scheduler, task]) {
      errors.push(await assertRejects(() => each.whenBelow(7), SchedulerNotRunningError));
    }
  };
  await ask();
  scheduler.onStart(scheduler.stop);
  scheduler.onFinishing(ask);
  scheduler.onFinished(ask);
  await scheduler.run();
  await ask();
  assertEquals(errors.length, 8);
});

Deno.test("whenBelow() works again in the next run", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task(never);
  for (let run = 0; run < 3; run++) {
    scheduler.onStart(async () => {
      const future = task.submit();
      const below = scheduler.whenBelow(1);
      const lost = task.whenBelow(1);
      if (run === 1) scheduler.stop();
      else future.cancel();
      const outcomes = await Promise.allSettled([below, lost]);
      const expected = run === 1 ? "rejected" : "fulfilled";
      assertEquals(outcomes.map(({ status }) => status), [expected, expected]);
    }, { limit: 1 });
    await scheduler.run({ wait: false });
  }
  assertEquals(scheduler.eventCounts.finished, 3);
});

Deno.test("whenBelow() takes a positive integer", () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task(() => 1);
  for (const each of [scheduler, task]) {
    for (const count of [0, -1, 1.5, NaN, Infinity]) {
      assertThrows(() => each.whenBelow(count), RangeError, `positive integer, not ${count}`);
    }
    assertThrows(() => each.whenBelow("1" as never), TypeError, 'must be a number, not "1"');
  }
});

Deno.test("whenBelow() fulfils exactly when the queue gets that short", async () => {
  const steps = fc.array(
    fc.oneof(
      fc.constant({ kind: "submit" } as const),
      fc.record({ kind: fc.constant("cancel" as const), which: fc.nat(9) }),
      fc.record({ kind: fc.constant("wait" as const), count: fc.integer({ min: 1, max: 6 }) }),
    ),
    { maxLength: 40 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (program) => {
      const scheduler = Scheduler.withSequential();
      const task = scheduler.task(never);
      const waiting: { count: number; settled: string | undefined }[] = [];
      scheduler.onStart(async () => {
        for (const step of program) {
          if (step.kind === "submit") task.submit();
          else if (step.kind === "cancel") [...task.queue][step.which]?.cancel();
          else {
            const each = { count: step.count, settled: undefined as string | undefined };
            waiting.push(each);
            (step.count % 2 === 0 ? task : scheduler).whenBelow(step.count)
              .then(() => each.settled = "fulfilled", () => each.settled = "rejected");
          }
          for (let turn = 0; turn < 5; turn++) await undefined;
          for (const each of waiting) if (task.runningCount < each.count) each.settled ??= "late";
          const pending = waiting.filter(({ settled }) => settled === undefined);
          assert(pending.every(({ count }) => task.runningCount >= count));
          assert(waiting.every(({ settled }) => settled !== "late"));
        }
        scheduler.stop();
      });
      await scheduler.run({ wait: false });
      for (let turn = 0; turn < 5; turn++) await undefined;
      assert(waiting.every(({ settled }) => settled !== undefined));
    }),
    { seed: 13, numRuns: 200 },
  );
});
