// The progress of running calls, as displays see it.
import {
  type AnyTask,
  Comm,
  type Emitter,
  type Plugin,
  Retry,
  Scheduler,
  type WorkerComm,
} from "@amltk/scheduling";
import { assertEquals } from "@std/assert";
import { ProgressWatch } from "../../scheduling/display/_progress_watch.ts";
import { BATCH } from "../fixtures/batch_option.ts";
import { during } from "../fixtures/during.ts";

const MAKERS = {
  workers: () => Scheduler.withWorkers(1, BATCH),
  processes: () => Scheduler.withProcesses(1, BATCH),
  sequential: () => Scheduler.withSequential(),
} as const;

async function reportHalf(comm: WorkerComm<{ asked: string; answered: boolean }>, text: string) {
  comm.progress(0.25);
  comm.progress(0.5, text);
  await comm.request("seen");
}

async function failOnce(comm: WorkerComm<{ asked: number; answered: boolean }>, fraction: number) {
  comm.progress(fraction);
  if (await comm.request(fraction)) throw new RangeError("once");
}

for (const [kind, make] of Object.entries(MAKERS)) {
  Deno.test(`${kind}: progressOf() is the last report until the end`, async () => {
    const scheduler = make();
    using watch = new ProgressWatch(scheduler);
    const task = scheduler.task(reportHalf, { plugins: new Comm() });
    const seen: unknown[] = [];
    task.on("comm-open", ({ id }) => seen.push(watch.progressOf(id)));
    task.on("comm-request", ({ id }, _data, respond) => {
      seen.push(watch.progressOf(id));
      respond(true);
    });
    const id = await during(scheduler, async () => {
      const future = task.submit("epoch 3");
      await future;
      return future.id;
    });
    assertEquals(seen, [undefined, { fraction: 0.5, message: "epoch 3" }]);
    assertEquals(watch.progressOf(id), undefined);
  });
}

Deno.test("progressOf() forgets the report of an earlier attempt", async () => {
  const scheduler = Scheduler.withSequential();
  using watch = new ProgressWatch(scheduler);
  const task = scheduler.task(failOnce, {
    plugins: [new Comm(), new Retry({ maxAttempts: 2, retryIf: () => true })],
  });
  const seen: unknown[] = [];
  task.on("retry", ({ id }) => seen.push(watch.progressOf(id)));
  task.on("comm-open", ({ id }) => seen.push(watch.progressOf(id)));
  task.on("comm-request", ({ id }, _data, respond) => {
    seen.push(watch.progressOf(id)?.fraction);
    respond(task.eventCounts.retry === 0);
  });
  await during(scheduler, () => task.submit(0.75));
  assertEquals(seen, [undefined, 0.75, undefined, undefined, 0.75]);
});

Deno.test("ProgressWatch sees a plugin that is attached later", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((comm?: WorkerComm) => comm?.progress(1), { plugins: [] });
  using watch = new ProgressWatch(scheduler);
  const seen: unknown[] = [];
  await during(scheduler, async () => {
    await task.submit();
    const { attachPlugin } = task as unknown as { attachPlugin(plugin: Comm): void };
    attachPlugin.call(task, new Comm());
    const future = task.submit();
    const anyTask: AnyTask = task;
    anyTask.on("comm-progress", () => seen.push(watch.progressOf(future.id)));
    await future;
  });
  assertEquals(seen, [{ fraction: 1, message: undefined }]);
});

const OTHER_EVENTS = ["comm-progress", "comm-close"] as const;

class OtherEvents implements Plugin<Record<typeof OTHER_EVENTS[number], unknown[]>> {
  readonly name = "other";
  readonly events = OTHER_EVENTS;
}

Deno.test("ProgressWatch ignores other events of these names", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task(() => {}, { plugins: new OtherEvents() });
  using watch = new ProgressWatch(scheduler);
  await during(scheduler, async () => {
    const future = task.submit();
    const emitter = task as unknown as Emitter<Record<string, unknown[]>>;
    for (const name of OTHER_EVENTS) {
      for (const args of [[], [null], [future], [future, "half"]]) emitter.emit(name, ...args);
    }
    assertEquals(watch.progressOf(future.id), undefined);
    await future;
  });
});

Deno.test("ProgressWatch cuts long messages", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((comm: WorkerComm) => comm.progress(1, "x".repeat(1000)), {
    plugins: new Comm(),
  });
  using watch = new ProgressWatch(scheduler);
  const lengths: unknown[] = [];
  task.on("comm-progress", ({ id }) => lengths.push(watch.progressOf(id)?.message?.length));
  await during(scheduler, async () => void await task.submit());
  assertEquals(lengths, [72]);
});

Deno.test("ProgressWatch leaves no trace in counts and statistics", () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((comm: WorkerComm) => comm.progress(1), { plugins: new Comm() });
  const callbacks = () =>
    [...scheduler.statistics().events, ...task.statistics().events].flatMap((event) =>
      event.callbacks
    );
  {
    using _watch = new ProgressWatch(scheduler);
    assertEquals(task.hears("comm-progress"), true);
    assertEquals(scheduler.hears("future-submitted"), true);
    assertEquals(callbacks(), []);
  }
  assertEquals(task.hears("comm-progress"), false);
  assertEquals(scheduler.hears("future-submitted"), false);
});
