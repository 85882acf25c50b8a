// The end of a run whose calls wait for each other, on every executor.
import { Comm, CommClosedError, Retry, Scheduler, type WorkerComm } from "@amltk/scheduling";
import { assert, assertEquals } from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";
import { during } from "../fixtures/during.ts";

type AskingComm = WorkerComm<{ asked: string; answered: string }>;

const ask = (comm: AskingComm): Promise<string> => comm.request("?");
const identity = (value: string): string => value;
const fail = (): never => {
  throw new RangeError("always");
};

const EXECUTORS: readonly [name: string, make: (count: number) => Scheduler][] = [
  ["sequential", () => Scheduler.withSequential()],
  ["workers", (count) => Scheduler.withWorkers(count, BATCH)],
  ["processes", (count) => Scheduler.withProcesses(count, BATCH)],
];

for (const [executor, make] of EXECUTORS) {
  Deno.test(`${executor}: wait: "all" runs calls behind an unanswered one`, async () => {
    const scheduler = make(1);
    const asking = scheduler.task(ask, { plugins: new Comm() });
    const task = scheduler.task(identity);
    asking.on("comm-request", () => scheduler.stop());
    const [first, second] = await during(
      scheduler,
      () => [asking.submit(), task.submit("behind")],
      { wait: "all" },
    );
    assert(first?.exception instanceof CommClosedError);
    assertEquals(second?.result, "behind");
  });

  Deno.test(`${executor}: wait: "all" ends calls that take unanswered ones`, async () => {
    const scheduler = make(2);
    const asking = scheduler.task(ask, { plugins: new Comm() });
    const task = scheduler.task(identity);
    asking.on("comm-request", () => scheduler.stop());
    const [second] = await during(scheduler, () => [task.submit(asking.submit())], {
      wait: "all",
    });
    assert(second?.exception instanceof CommClosedError);
  });
}

for (const [executor, make] of EXECUTORS.slice(1)) {
  Deno.test(`${executor}: wait: "all" keeps requests during a pause of Retry`, async () => {
    const scheduler = make(2);
    const asking = scheduler.task(ask, { plugins: new Comm() });
    const failing = scheduler.task(fail, {
      plugins: new Retry({ maxAttempts: 2, backoff: 50, retryIf: () => true }),
    });
    asking.on("comm-request", (_future, _data, respond) => {
      failing.on("exception", () => respond("late"));
      failing.submit();
    });
    failing.on("retry", () => scheduler.stop());
    const [first] = await during(scheduler, () => [asking.submit()], {
      wait: "all",
      onException: "ignore",
    });
    assertEquals(first?.result, "late");
  });
}
