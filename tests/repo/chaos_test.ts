// The chaos tool plans reproducible tasks and notices faults.
import {
  type AnyPlugin,
  Comm,
  FutureCancelledError,
  Retry,
  Scheduler,
  WorkerLostError,
} from "@amltk/scheduling";
import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { type ExecutorName, type Kind, kindsFor } from "../../tools/chaos/kinds.ts";
import { Ledger } from "../../tools/chaos/ledger.ts";
import { disturbances } from "../../tools/chaos/nats/disturbances.ts";
import { disturbedKinds } from "../../tools/chaos/nats/kinds.ts";
import { Starts } from "../../tools/chaos/nats/starts.ts";
import { gives, type Outcome } from "../../tools/chaos/outcome.ts";
import { plan } from "../../tools/chaos/plan.ts";
import { reportText } from "../../tools/chaos/report.ts";
import { isGood, runChaos } from "../../tools/chaos/run.ts";

const EXECUTORS: readonly ExecutorName[] = ["workers", "processes"];

for (const executor of EXECUTORS) {
  Deno.test(`${executor}: plan() depends on the seed alone`, () => {
    const kinds = kindsFor(executor);
    const namesOf = (seed: number) => plan(seed, 1000, kinds).map(({ kind }) => kind.name);
    assertEquals(namesOf(7), namesOf(7));
    assertNotEquals(namesOf(7), namesOf(8));
    assertEquals(new Set(plan(7, 50_000, kinds).map(({ kind }) => kind)).size, kinds.length);
  });
}

Deno.test("runChaos() lists the pending tasks after its deadline", async () => {
  const kinds = [kind];
  const report = await runChaos({
    executor: "workers",
    kinds,
    batch: 1,
    tasks: 3,
    seed: 1,
    deadline: 0,
  });
  // The rest of the run belongs to this test, even if it fails.
  const ended = await report.run;
  assertEquals([report.exit, isGood(report), ended.code], [undefined, false, "exhausted"]);
  assertMatch(reportText(report), /DID NOT RETURN\n {2}lost 3\n {4}task 0 \(same\): pending/);
});

// --- the bookkeeping

const kind: Kind = { name: "same", weight: 1, run: (n) => n, expected: gives((n) => n) };

/**
 * The counts of the ledger for one task when `interfere` subscribes to its events or emits some.
 */
async function countsWhen(
  interfere: (scheduler: Scheduler, ledger: Ledger) => void,
  planned: Kind = kind,
  ...plugins: AnyPlugin[]
) {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task(planned.run, {
    plugins: [new Retry({ maxAttempts: 1 }), ...plugins],
  });
  const ledger = new Ledger(scheduler, [task]);
  scheduler.onFutureSubmitted((future) =>
    ledger.open(future, { n: 1, kind: planned, milliseconds: 0 })
  );
  scheduler.onStart(() => interfere(scheduler, ledger));
  scheduler.onStart(() => {
    task.submit(1);
  });
  await scheduler.run();
  const { lost, duplicated, wrong } = ledger.count();
  return [lost.length, duplicated.length, wrong.length];
}

Deno.test("Ledger accepts a task that settles once", async () => {
  assertEquals(await countsWhen(() => {}), [0, 0, 0]);
});

Deno.test("Ledger counts a task without an event as lost", async () => {
  const scheduler = Scheduler.withSequential();
  const ledger = new Ledger(scheduler, []);
  scheduler.onFutureSubmitted((future) => ledger.open(future, { n: 1, kind, milliseconds: 0 }));
  scheduler.onStart(() => {
    scheduler.submit(kind.run, 1);
  });
  await scheduler.run();
  // The ledger is not subscribed to this task.
  assertEquals(ledger.count().lost, ["task 1 (same): done, result"]);
});

Deno.test("Ledger counts duplicated and wrong outcomes", async () => {
  const again = (scheduler: Scheduler) =>
    scheduler.onFutureResult((future) => {
      // A second event, with a different outcome.
      if (scheduler.eventCounts["future-exception"] === 0) {
        scheduler.emit("future-exception", future, new RangeError("again"));
      }
    });
  assertEquals(await countsWhen(again), [0, 1, 1]);
});

Deno.test("Ledger counts a wrong number of attempts as wrong", async () => {
  const retry = (scheduler: Scheduler) =>
    scheduler.onFutureDone((future) => future.task?.emit("retry", future, 1, "no"));
  assertEquals(await countsWhen(retry), [0, 0, 1]);
  const retried = { options: { maxAttempts: 2 }, retries: () => 1 };
  assertEquals(await countsWhen(retry, { ...kind, retried }), [0, 0, 0]);
  assertEquals(await countsWhen(() => {}, { ...kind, retried }), [0, 0, 1]);
});

Deno.test("Ledger counts missing and disordered messages as wrong", async () => {
  const run: Kind["run"] = (_comm, n) => n;
  const talks = { ...kind, run, talking: { messages: () => 2 } };
  const send = (...places: number[]) => (scheduler: Scheduler) => {
    scheduler.onFutureSubmitted((future) => {
      for (const place of places) future.task?.emit("comm-message", future, place);
    });
  };
  const wrong = async (...places: number[]) =>
    (await countsWhen(send(...places), talks, new Comm()))[2];
  assertEquals([await wrong(0, 1), await wrong(0), await wrong(1, 0), await wrong(0, 1, 2)], [
    0,
    1,
    1,
    1,
  ]);
});

Deno.test("kinds distinguish right outcomes from wrong ones", () => {
  const right = (name: string, outcome: Outcome) =>
    kindsFor("processes").find((kind) => kind.name === name)?.expected(outcome, 7);
  const lost = (reason: "exit" | "killed", details = {}) =>
    ({ type: "exception", error: new WorkerLostError("lost", reason, details) }) as const;
  assertEquals(right("sync", { type: "result", value: 7 }), true);
  assertEquals(right("sync", { type: "result", value: 8 }), false);
  assertEquals(right("sync", { type: "cancelled" }), false);
  assertEquals(right("sync", lost("exit")), false);
  assertEquals(right("Deno.exit()", lost("exit", { exitCode: 7 })), true);
  assertEquals(right("Deno.exit()", lost("exit", { exitCode: 8 })), false);
  assertEquals(right("Deno.exit()", lost("killed")), false);
  assertEquals(right("throws", { type: "exception", error: new TypeError("thrown by 7") }), true);
  assertEquals(right("throws", { type: "exception", error: new TypeError("thrown by 8") }), false);
  assertEquals(right("throws a non-error", { type: "exception", error: 7 }), true);
  assertEquals(right("throws a non-error", { type: "exception", error: "7" }), false);
  assertEquals(right("cancelled while queued", { type: "cancelled" }), true);
  assertEquals(
    right("cancelled while queued", { type: "exception", error: new FutureCancelledError("x") }),
    false,
  );
});

// --- remote workers

Deno.test("disturbances() depends on the seed alone", () => {
  const first = (seed: number) => disturbances(seed, 2, 10).take(200).toArray();
  assertEquals(first(7), first(7));
  assertNotEquals(first(7), first(8));
  assertEquals(new Set(first(7).map(({ name }) => name)).size, 7);
  assertEquals(first(7).filter(({ name }) => name === "scheduler blocked").length, 1);
});

Deno.test("Starts records each start of a function, with its process", async () => {
  const path = await Deno.makeTempFile();
  const starts = new Starts(path);
  const run = starts.recorded({ ...kind, weight: 2_000 });
  assertEquals([run(1), run(2), run(2)], [1, 2, 2]);
  const counts = [...starts.read()].map(([n, each]) => [n, each.length, each[0]?.pids[0]]);
  assertEquals(counts, [[1, 1, Deno.pid], [2, 2, Deno.pid]]);
  await Deno.remove(path);
});

Deno.test("disturbedKinds() allows only losses that a disturbance explains", async () => {
  const path = await Deno.makeTempFile();
  const kinds = disturbedKinds(new Starts(path), (n) => n === 1);
  const { expected } = kinds.find(({ name }) => name === "sync") as Kind;
  const outcome: Outcome = { type: "exception", error: new WorkerLostError("gone", "died") };
  assertEquals([1, 2].map((n) => expected(outcome, n)), [true, false]);
  assertEquals(expected({ type: "result", value: 2 }, 2), true);
  await Deno.remove(path);
});
