// What messages of calls may not do: fill memory, need permissions, or disturb the program.
import { Comm, Scheduler, type WorkerComm } from "@amltk/scheduling";
import { assert, assertEquals } from "@std/assert";
import { leftBehind } from "../../tools/remains.ts";
import { actWhen } from "../fixtures/act_when.ts";
import { during } from "../fixtures/during.ts";

type TalkComm = WorkerComm<{ sent: unknown; received: unknown }>;

const MIB = 2 ** 20;

function spend(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

Deno.test("workers: a function is at most 256 messages ahead of its reader", async () => {
  const scheduler = Scheduler.withWorkers(8);
  const sent = new Int32Array(new SharedArrayBuffer(4 * 8));
  const floods = scheduler.task((comm: TalkComm, name: number, sent: Int32Array) => {
    for (;;) {
      comm.send(name);
      Atomics.add(sent, name, 1);
    }
  }, { plugins: new Comm() });
  const read = new Int32Array(8);
  let most = 0;
  let total = 0;
  floods.on("comm-message", (_future, name) => {
    spend(1);
    const index = name as number;
    most = Math.max(most, Atomics.load(sent, index) - (read[index] ?? 0));
    read[index] = (read[index] ?? 0) + 1;
    total++;
  });
  scheduler.onStart(() => {
    for (let name = 0; name < 8; name++) floods.submit(name, sent);
    actWhen(scheduler, () => total > 2000, scheduler.stop);
  });
  assertEquals((await scheduler.run({ wait: false })).runaways, 0);
  assert(most > 64 && most <= 256, `${most} messages were unread`);
  assertEquals(await leftBehind(), []);
});

Deno.test("processes: a flood of messages fills no memory", async () => {
  const scheduler = Scheduler.withProcesses(8);
  const floods = scheduler.task((comm: TalkComm) => {
    const text = "x".repeat(10_000);
    for (;;) comm.send(text);
  }, { plugins: new Comm() });
  let total = 0;
  let most = 0;
  const before = Deno.memoryUsage().rss;
  floods.on("comm-message", () => {
    spend(1);
    if (++total % 100 === 0) most = Math.max(most, Deno.memoryUsage().rss - before);
  });
  scheduler.onStart(() => {
    for (let n = 0; n < 8; n++) floods.submit();
    actWhen(scheduler, () => total > 1500, scheduler.stop);
  });
  await scheduler.run({ wait: false });
  // Unbounded, eight processes send some hundred megabytes a second.
  assert(most < 100 * MIB, `${Math.round(most / MIB)} MiB`);
  assertEquals(await leftBehind(), []);
});

Deno.test("processes: messages and aborts need no permission of the function", async () => {
  const scheduler = Scheduler.withProcesses(1, { permissions: "none" });
  const task = scheduler.task((comm: TalkComm) => {
    comm.send(Deno.permissions.querySync({ name: "read" }).state);
    while (!comm.signal.aborted);
    return "aborted";
  }, { plugins: new Comm() });
  const seen: unknown[] = [];
  task.on("comm-message", (future, state) => {
    seen.push(state);
    future.cancel({ grace: 60_000 });
  });
  assertEquals(await during(scheduler, () => task.submit()), "aborted");
  assertEquals(seen, ["denied"]);
});

Deno.test("processes: one serves plain calls and calls with messages", async () => {
  const scheduler = Scheduler.withProcesses(1);
  const plain = scheduler.task(() => Deno.pid);
  const talks = scheduler.task((comm: TalkComm) => {
    comm.send("spins");
    while (!comm.signal.aborted);
    return Deno.pid;
  }, { plugins: new Comm() });
  talks.on("comm-message", (future) => future.cancel({ grace: 60_000 }));
  const pids = await during(scheduler, async () => [
    await plain.submit(),
    await talks.submit(),
    await plain.submit(),
    await talks.submit(),
  ]);
  assertEquals(new Set(pids).size, 1);
});

Deno.test("workers: a reason that cannot cross aborts a call that has just begun", async () => {
  const scheduler = Scheduler.withWorkers(1);
  const started = new Int32Array(new SharedArrayBuffer(4));
  const task = scheduler.task((comm: TalkComm, started: Int32Array) => {
    Atomics.store(started, 0, 1);
    while (!comm.signal.aborted);
    return (comm.signal.reason as Error).name;
  }, { plugins: new Comm() });
  const result = await during(scheduler, () => {
    const future = task.submit(started);
    // This thread reads no message before it asks.
    const askWhenStarted = () => {
      const since = performance.now();
      while (Atomics.load(started, 0) === 0 && performance.now() - since < 5);
      if (Atomics.load(started, 0) === 0) return void scheduler.callLater(0, askWhenStarted);
      assertEquals(future.state, "running");
      try {
        future.cancel({ grace: 60_000, reason: () => {} });
      } catch {
        // The channel was open already.
        future.cancel({ grace: 60_000 });
      }
    };
    askWhenStarted();
    return future;
  });
  assertEquals(result, "AbortError");
});
