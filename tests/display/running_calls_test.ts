// The running calls in the records of a QueueMonitor are the attempts that ran at their times.
import { QueueMonitor, Retry, Scheduler } from "@amltk/scheduling";
import { assert, assertEquals } from "@std/assert";

const IGNORE = { onException: { tasks: "ignore" } } as const;
const MAKERS: Readonly<Record<string, () => Scheduler>> = {
  "workers, batches of 1": () => Scheduler.withWorkers(2, { batch: 1 }),
  "workers, batches of 4": () => Scheduler.withWorkers(2, { batch: 4 }),
  "workers, batches of 256": () => Scheduler.withWorkers(3, { batch: 256 }),
  "workers": () => Scheduler.withWorkers(2),
  "processes": () => Scheduler.withProcesses(2),
  "sequential": () => Scheduler.withSequential(),
};

async function work(n: number): Promise<number> {
  const ms = n % 7 === 0 ? 30 : n % 3;
  const since = performance.now();
  if (n % 2 === 0) { while (performance.now() - since < ms); }
  else if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
  if (n % 11 === 3) throw new RangeError("3");
  return n;
}

/** The differences between the records and the attempts that cover their times. */
function contradictions(monitor: QueueMonitor): string[] {
  // Both of the same moment.
  const { records, calls } = monitor.toJSON();
  return records.flatMap(({ time, running }) => {
    const covering = calls.filter(({ start, end }) => start <= time && time < end).length;
    return covering === running ? [] : [`${time}: ${covering} attempts, ${running} running`];
  });
}

/** Whether each attempt that lasted has a record of its start. */
function areStartsRecorded({ records, calls }: QueueMonitor): boolean {
  const times = new Set(records.map(({ time }) => time));
  const byWorker = Map.groupBy(calls, ({ worker }) => worker);
  return [...byWorker.values()].every((own) =>
    own.every(({ start, end }, index) =>
      start === end || times.has(start) || own[index - 1]?.end === start
    )
  );
}

for (const [name, make] of Object.entries(MAKERS)) {
  Deno.test(`${name}: QueueMonitor.records agree with the attempts`, async () => {
    const scheduler = make();
    const monitor = new QueueMonitor(scheduler);
    const plugins = new Retry({ maxAttempts: 2, backoff: 0 });
    const first = scheduler.task(work, { name: "first", plugins });
    const second = scheduler.task(work, { name: "second" });
    const during: string[] = [];
    scheduler.onStart(() => {
      for (let n = 0; n < 40; n++) first.submit(n);
    });
    first.onResult((_future, n) => {
      second.submit(n);
      if (n % 5 === 0) during.push(...contradictions(monitor));
    });
    await scheduler.run(IGNORE);
    assertEquals(contradictions(monitor), []);
    assertEquals(during, []);
    assert(areStartsRecorded(monitor));
    assert(monitor.records.every(({ queued, idle }) => queued >= 0 && idle >= 0));
  });
}

for (const name of ["workers", "processes"]) {
  Deno.test(`${name}: QueueMonitor counts no worker that starts as idle`, async () => {
    const scheduler = MAKERS[name]?.() ?? Scheduler.withSequential();
    const monitor = new QueueMonitor(scheduler);
    scheduler.onStart(() => void scheduler.submit(() => 1));
    scheduler.onFutureDone(() => monitor.update());
    await scheduler.run();
    const { records } = monitor;
    assertEquals(records[0]?.idle, 0);
    const done = records.findIndex(({ finished }) => finished === 1);
    assert((records[done]?.idle ?? 0) >= 1);
  });

  Deno.test(`${name}: QueueMonitor.records count a call until its worker is lost`, async () => {
    const scheduler = MAKERS[name]?.() ?? Scheduler.withSequential();
    const monitor = new QueueMonitor(scheduler);
    const exit = scheduler.task((n: number) => n === 2 ? Deno.exit(1) : n);
    scheduler.onStart(() => {
      for (let n = 0; n < 6; n++) exit.submit(n);
    });
    await scheduler.run(IGNORE);
    assertEquals(monitor.losses.length, 1);
    assertEquals(contradictions(monitor), []);
  });
}
