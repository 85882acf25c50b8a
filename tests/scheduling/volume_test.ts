import { Scheduler } from "@amltk/scheduling";
import { assertEquals } from "@std/assert";

const COUNT = 10_000;

function countedBy(scheduler: Scheduler): Record<string, number> {
  const { start, empty, finishing, finished, ...futures } = scheduler.eventCounts;
  assertEquals([start, empty, finishing, finished], [1, 1, 1, 1]);
  return Object.fromEntries(Object.entries(futures).filter(([, count]) => count > 0));
}

const EXPECTED_OF_SCHEDULER = {
  "future-submitted": COUNT,
  "future-done": COUNT,
  "future-result": COUNT,
};
const EXPECTED_OF_TASK = {
  submitted: COUNT,
  done: COUNT,
  result: COUNT,
  exception: 0,
  cancelled: 0,
};

Deno.test("10,000 tasks submitted at once are all run, counted and gone", async () => {
  const scheduler = Scheduler.withWorkers(2);
  const task = scheduler.task((n: number) => n);
  let sum = 0;
  scheduler.onStart(() => {
    for (let n = 0; n < COUNT; n++) task.submit(n);
  });
  task.onResult((_future, n) => sum += n);
  assertEquals(await scheduler.run(), { code: "exhausted", runaways: 0 });
  assertEquals(sum, COUNT * (COUNT - 1) / 2);
  assertEquals(countedBy(scheduler), EXPECTED_OF_SCHEDULER);
  assertEquals(task.eventCounts, EXPECTED_OF_TASK);
  assertEquals([scheduler.queue.size, task.queue.size], [0, 0]);
});

Deno.test("10,000 tasks submitted one after the other are all run, counted and gone", async () => {
  const scheduler = Scheduler.withWorkers(2);
  const task = scheduler.task((n: number) => n + 1);
  scheduler.onStart(() => {
    task.submit(0);
  });
  task.onResult((_future, n) => n < COUNT ? task.submit(n) : undefined);
  assertEquals(await scheduler.run(), { code: "exhausted", runaways: 0 });
  assertEquals(countedBy(scheduler), EXPECTED_OF_SCHEDULER);
  assertEquals(task.eventCounts, EXPECTED_OF_TASK);
});

Deno.test("10,000 chained tasks in this thread need no deeper stack", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n + 1);
  scheduler.onStart(() => {
    task.submit(0);
  });
  task.onResult((_future, n) => n < COUNT ? task.submit(n) : undefined);
  await scheduler.run();
  assertEquals(task.eventCounts, EXPECTED_OF_TASK);
});
