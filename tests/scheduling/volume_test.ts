import { type CallbackOptions, Emitter, Scheduler } from "@amltk/scheduling";
import { assertEquals, assertLess } from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";

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

Deno.test("10,000 tasks submitted at once leave nothing behind", async () => {
  const scheduler = Scheduler.withWorkers(2, BATCH);
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

Deno.test("10,000 tasks in a chain leave nothing behind", async () => {
  const scheduler = Scheduler.withWorkers(2, BATCH);
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

type Ends = (
  subscriptions: readonly (() => void)[],
  controller: AbortController,
  emitter: Emitter<{ tick: [] }>,
) => void;

const ends: Record<string, Ends> = {
  "one by one": (subscriptions) => subscriptions.forEach((unsubscribe) => unsubscribe()),
  "by one signal": (_subscriptions, controller) => controller.abort(),
  "as limit is used up": (_subscriptions, _controller, emitter) => emitter.emit("tick"),
};

for (const [how, end] of Object.entries(ends)) {
  Deno.test(`40,000 callbacks with a signal end ${how} in no quadratic time`, () => {
    const plain = leastTime(() => subscribe({}));
    const whole = leastTime(() => {
      const controller = new AbortController();
      const { emitter, subscriptions } = subscribe({ signal: controller.signal, limit: 1 });
      end(subscriptions, controller, emitter);
    });
    // Lists that are searched take seconds.
    assertLess(whole, 20 * plain + 200);
  });
}

function subscribe(options: CallbackOptions) {
  const emitter = new Emitter<{ tick: [] }>({ events: ["tick"] });
  const subscriptions = Array.from({ length: 40_000 }, () => emitter.on("tick", () => {}, options));
  return { emitter, subscriptions };
}

function leastTime(run: () => void): number {
  const times = [1, 2, 3].map(() => {
    const begin = performance.now();
    run();
    return performance.now() - begin;
  });
  return Math.min(...times);
}
