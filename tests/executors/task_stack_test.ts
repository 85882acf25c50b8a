/** Stacks of functions that crossed as source text name the task and the line in the function. @module */

import { Scheduler, type TaskFunction } from "@amltk/scheduling";
import { assertEquals, assertMatch } from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";

const executors: Readonly<Record<string, () => Scheduler>> = {
  workers: () => Scheduler.withWorkers(1, BATCH),
  processes: () => Scheduler.withProcesses(1, BATCH),
};

function train(depth: number): number {
  const doubled = depth * 2;
  if (doubled > 1) {
    throw new RangeError(`too deep: ${doubled}`);
  }
  return doubled;
}

// Lines count from the start of each function.
const functions: readonly [what: string, fn: TaskFunction, frame: string][] = [
  ["a function declaration", train, "train (task fit: 1:4)"],
  [
    "an arrow function",
    (depth: number) => {
      throw new RangeError(`${depth}`);
    },
    "<anonymous> (task fit: 1:2)",
  ],
  [
    "an async arrow function",
    async (depth: number) => {
      await Promise.resolve();
      throw new RangeError(`${depth}`);
    },
    "<anonymous> (task fit: 1:3)",
  ],
  [
    "a method",
    {
      fit(depth: number) {
        throw new RangeError(`${depth}`);
      },
    }.fit,
    "fit (task fit: 1:2)",
  ],
  [
    "a function that calls one inside it",
    (depth: number) => {
      const inner = () => {
        throw new RangeError(`${depth}`);
      };
      return inner();
    },
    "inner (task fit: 1:3)",
  ],
  [
    "a function that fails by a cause",
    (depth: number) => {
      throw new RangeError("outer", {
        cause: new RangeError(`${depth}`),
      });
    },
    "<anonymous> (task fit: 1:3)",
  ],
];

for (const [executor, make] of Object.entries(executors)) {
  for (const [what, fn, frame] of functions) {
    Deno.test(`${executor}: the stack of ${what} has its task and line`, async () => {
      const [error] = await failures(make(), { "fit: 1": fn });
      const inner = error?.cause instanceof Error ? error.cause : error;
      const [head, first = ""] = inner?.stack?.split("\n") ?? [];
      assertEquals(head, String(inner));
      assertMatch(first, new RegExp(`^ {4}at .*${escape(frame.slice(0, -1))}:\\d+\\)$`));
    });
  }
}

Deno.test("The stacks of two tasks with one function name each its own", async () => {
  const errors = await failures(Scheduler.withWorkers(1, BATCH), { first: train, second: train });
  const frames = errors.map((error) => error.stack?.split("\n")[1]?.trim().replace(/:\d+\)$/, ""));
  assertEquals(frames, ["at train (task first:4", "at train (task second:4"]);
});

Deno.test("The stack of an initializer has its name and line", async () => {
  const initializer = function prepare() {
    throw new RangeError("no data");
  };
  const scheduler = Scheduler.withWorkers(1, { initializer });
  scheduler.onStart(() => {
    scheduler.submit(() => 1);
  });
  const error = await scheduler.run().catch((error) => error);
  assertMatch(error.cause.stack, /\n {4}at prepare \(task prepare:2:\d+\)\n/);
});

/** The errors of the functions, by task name. */
async function failures(
  scheduler: Scheduler,
  functions: Readonly<Record<string, TaskFunction>>,
): Promise<Error[]> {
  const errors: Error[] = [];
  const tasks = Object.entries(functions).map(([name, fn]) => scheduler.task(fn, { name }));
  scheduler.onStart(async () => {
    for (const task of tasks) {
      errors.push(await task.submit(3).then(String, (error) => error) as Error);
    }
  });
  await scheduler.run({ onException: "ignore" });
  return errors;
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
