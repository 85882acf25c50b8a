// The features of executors.
import {
  type AnyPlugin,
  type Call,
  type Executor,
  type ExecutorFeature,
  Scheduler,
  type Submission,
} from "@amltk/scheduling";
import { assertEquals, assertThrows } from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";

/** Answers each call with what it sees of it. */
class PlainExecutor implements Executor {
  readonly name = "PlainExecutor";
  readonly workerCount = 1;
  readonly features?: readonly ExecutorFeature[];

  constructor(features?: readonly ExecutorFeature[]) {
    if (features !== undefined) this.features = features;
  }

  submit(call: Call): void {
    queueMicrotask(() => call.succeed(call.priority));
  }

  cancel(): void {}

  shutdown(): Promise<{ runaways: 0 }> {
    return Promise.resolve({ runaways: 0 });
  }
}

const REFUSAL = "PlainExecutor does not honour priority: use Scheduler.withWorkers(), " +
  "Scheduler.withProcesses(), or Scheduler.withSequential()";

Deno.test("The executors of the package list what they honour", () => {
  const listed = [
    Scheduler.withWorkers(1, BATCH),
    Scheduler.withProcesses(1, BATCH),
    Scheduler.withSequential(),
  ].map(({ executor }) => executor.features);
  assertEquals(listed, [
    ["limits", "priority", "comm"],
    ["limits", "priority", "comm"],
    ["priority", "comm"],
  ]);
});

Deno.test("with() refuses a priority unless the executor honours it", () => {
  for (const executor of [new PlainExecutor(), new PlainExecutor(["limits", "comm"])]) {
    const task = new Scheduler(executor).task(() => 1);
    for (const priority of [1, -1, 0.5]) {
      assertThrows(() => task.with({ priority }), TypeError, REFUSAL);
    }
    for (const priority of [0, -0, undefined]) task.with({ priority });
  }
});

Deno.test("submit() refuses a plugin's priority before any event", async () => {
  const scheduler = new Scheduler(new PlainExecutor());
  const hurry: AnyPlugin = {
    name: "hurry",
    preSubmit: (submission: Submission) => ({ ...submission, priority: 1 }),
  };
  const task = scheduler.task(() => 1, { plugins: hurry });
  scheduler.onStart(() => {
    assertThrows(() => task.submit(), TypeError, REFUSAL);
  });
  await scheduler.run();
  assertEquals(scheduler.eventCounts["future-submitted"], 0);
});

Deno.test("an executor sees the priority of each call", async () => {
  const scheduler = new Scheduler(new PlainExecutor(["priority"]));
  const task = scheduler.task((): unknown => undefined);
  const seen: unknown[] = [];
  task.onResult((_future, priority) => seen.push(priority));
  scheduler.onStart(() => {
    task.submit();
    task.with({ priority: 2 }).submit();
    task.submit();
    task.with({ priority: -0.5 }).submit();
    task.with({}).submit();
    scheduler.submit(() => 1);
  });
  await scheduler.run();
  assertEquals(seen, [0, 2, 0, -0.5, 0]);
});

Deno.test("with() refuses a priority that is not finite", () => {
  const task = Scheduler.withSequential().task(() => 1);
  for (const priority of ["1", null, 1n, {}, true]) {
    assertThrows(
      () => task.with({ priority: priority as number }),
      TypeError,
      "priority must be a number, not",
    );
  }
  for (const priority of [NaN, Infinity, -Infinity]) {
    assertThrows(
      () => task.with({ priority }),
      RangeError,
      `priority must be a finite number, not ${priority}`,
    );
  }
});

Deno.test("submit() refuses a plugin's invalid priority before any event", async () => {
  const wrong: [unknown, typeof TypeError][] = [["1", TypeError], [undefined, TypeError], [
    NaN,
    RangeError,
  ], [Infinity, RangeError]];
  for (const [priority, errorClass] of wrong) {
    const scheduler = Scheduler.withSequential();
    const task = scheduler.task(() => 1, {
      plugins: {
        name: "wrong",
        preSubmit: (submission) => ({ ...submission, priority: priority as number }),
      },
    });
    scheduler.onStart(() => {
      assertThrows(() => task.submit(), errorClass, "priority must be a");
    });
    await scheduler.run();
    assertEquals(scheduler.eventCounts["future-submitted"], 0);
  }
});

Deno.test("checkFeature() names the feature and executors with it", () => {
  const task = Scheduler.withSequential().task(() => 1);
  task.checkFeature("priority");
  assertThrows(
    () => task.checkFeature("limits"),
    TypeError,
    "SequentialExecutor does not honour limits: use Scheduler.withWorkers() or " +
      "Scheduler.withProcesses()",
  );
  assertThrows(
    () => task.checkFeature("speed" as ExecutorFeature),
    TypeError,
    'A feature must be one of limits, comm, priority, output, not "speed"',
  );
});

Deno.test("new Scheduler() refuses features that are not an array", () => {
  assertThrows(
    () => new Scheduler(new PlainExecutor("priority" as unknown as ExecutorFeature[])),
    TypeError,
    'The features of PlainExecutor must be an array of names, not "priority"',
  );
});
