/** Calls whose message ends their worker or cannot be read there. @module */

import { type Future, Retry, Scheduler, WorkerLostError } from "@amltk/scheduling";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { remains } from "../../tools/remains.ts";
import { BATCH } from "../fixtures/batch_option.ts";

interface Chain {
  readonly next?: Chain;
}

// V8 can write a chain of so many objects and cannot read it.
const TOO_DEEP = 2900;

const MAKERS: Readonly<Record<string, () => Scheduler>> = {
  workers: () => Scheduler.withWorkers(1, BATCH),
  processes: () => Scheduler.withProcesses(1, BATCH),
};

function chainOf(length: number): Chain {
  let chain: Chain = {};
  for (let i = 0; i < length; i++) chain = { next: chain };
  return chain;
}

/** The result or error of each submission of a run. */
async function outcomesOf(
  scheduler: Scheduler,
  submit: () => readonly Future[],
): Promise<unknown[]> {
  let outcomes: unknown[] = [];
  scheduler.onStart(async () => {
    outcomes = await Promise.all(submit().map((future) => future.catch((error) => error)));
  });
  assertEquals((await scheduler.run({ onException: "ignore" })).code, "exhausted");
  assertEquals(await remains(), []);
  return outcomes;
}

function assertUnreadable(error: unknown, what: string): void {
  assertInstanceOf(error, DOMException);
  assertEquals(error.name, "DataCloneError");
  assertStringIncludes(error.message, what);
}

for (const [name, make] of Object.entries(MAKERS)) {
  Deno.test(`${name}: an argument that cannot be read fails its call alone`, async () => {
    const scheduler = make();
    const typeOf = scheduler.task((value: unknown) => typeof value, { name: "typeOf" });
    const deep = () => typeOf.submit({ inner: chainOf(TOO_DEEP) });
    const flat = () => typeOf.submit({ inner: 1 });
    const outcomes = await outcomesOf(
      scheduler,
      () => [deep(), flat(), deep(), deep(), flat(), typeOf.submit(1)],
    );
    for (const index of [0, 2, 3]) {
      assertUnreadable(outcomes[index], "typeOf cannot be called: argument 1 is nested too deeply");
    }
    assertEquals([1, 4, 5].map((index) => outcomes[index]), ["object", "object", "number"]);
  });

  Deno.test(`${name}: no number of unreadable arguments blocks the others`, async () => {
    const scheduler = make();
    const typeOf = scheduler.task((value: unknown) => typeof value);
    const outcomes = await outcomesOf(
      scheduler,
      () => Array.from({ length: 24 }, (_, n) => typeOf.submit(n % 2 ? { n } : chainOf(TOO_DEEP))),
    );
    assert(outcomes.every((outcome, n) => n % 2 ? outcome === "object" : isCloneError(outcome)));
  });

  Deno.test(`${name}: a result that cannot be read fails its call alone`, async () => {
    const scheduler = make();
    const deep = scheduler.task((length: number) => {
      let chain = {};
      for (let i = 0; i < length; i++) chain = { next: chain };
      return chain;
    }, { name: "deep" });
    const [unreadable, readable] = await outcomesOf(
      scheduler,
      () => [deep.submit(TOO_DEEP), deep.submit(1)],
    );
    assertUnreadable(unreadable, "The result of deep");
    assertEquals(readable, { next: {} });
  });

  Deno.test(`${name}: an unreadable field of an error arrives as text`, async () => {
    const scheduler = make();
    const fail = scheduler.task((length: number) => {
      let chain = {};
      for (let i = 0; i < length; i++) chain = { next: chain };
      throw Object.assign(new RangeError("deep inside"), { chain });
    });
    const [error] = await outcomesOf(scheduler, () => [fail.submit(TOO_DEEP)]);
    assertInstanceOf(error, RangeError);
    assertEquals((error as { chain?: unknown }).chain, "[object Object]");
  });

  Deno.test(`${name}: share() refuses values that could not be read`, () => {
    const scheduler = make();
    const error = assertThrows(() => scheduler.share(chainOf(TOO_DEEP)));
    assertUnreadable(error, "The shared value");
  });
}

const INITIALIZED: Readonly<Record<string, (initializer: () => unknown) => Scheduler>> = {
  workers: (initializer) => Scheduler.withWorkers(1, { initializer }),
  processes: (initializer) => Scheduler.withProcesses(1, { initializer }),
};

for (const [name, make] of Object.entries(INITIALIZED)) {
  Deno.test(`${name}: an initializer may return a value that cannot be read`, async () => {
    const scheduler = make(() => {
      let chain = {};
      for (let i = 0; i < 2900; i++) chain = { next: chain };
      return chain;
    });
    assertEquals(await outcomesOf(scheduler, () => [scheduler.submit(() => 1)]), [1]);
  });
}

/** A scheduler with one worker; the first `endingWorkers` end at their first call. */
function endsWhenCalled(endingWorkers: number): Scheduler {
  // All workers share the environment of the process.
  Deno.env.set("ENDING_WORKERS", `${endingWorkers}`);
  return Scheduler.withWorkers(1, {
    ...BATCH,
    initializer: () => {
      const left = Number(Deno.env.get("ENDING_WORKERS"));
      Deno.env.set("ENDING_WORKERS", `${left - 1}`);
      if (left > 0) self.addEventListener("message", () => Deno.exit(7));
    },
  });
}

Deno.test("workers: a call that ends three workers unstarted is undeliverable", async () => {
  const scheduler = endsWhenCalled(Infinity);
  const never = scheduler.task(() => 1, { name: "never" });
  const [error] = await outcomesOf(scheduler, () => [never.submit()]);
  assertInstanceOf(error, WorkerLostError);
  assertEquals([error.reason, error.exitCode], ["undeliverable", 7]);
  assertStringIncludes(error.message, "never cannot be delivered");
});

Deno.test("workers: two workers that end unstarted cost no call", async () => {
  const scheduler = endsWhenCalled(2);
  const work = scheduler.task((n: number) => n);
  assertEquals(await outcomesOf(scheduler, () => [1, 2, 3].map((n) => work.submit(n))), [
    1,
    2,
    3,
  ]);
});

Deno.test("workers: each attempt of a call has three deliveries", async () => {
  const scheduler = endsWhenCalled(5);
  const plugins = new Retry({ maxAttempts: 2, backoff: 0, retryIf: () => true });
  const work = scheduler.task((n: number) => n, { plugins });
  assertEquals(await outcomesOf(scheduler, () => [work.submit(7)]), [7]);
  assertEquals(work.eventCounts.retry, 1);
});

Deno.test("workers: calls behind an undeliverable one are not counted", async () => {
  const scheduler = endsWhenCalled(3);
  const work = scheduler.task((n: number) => n);
  const [first, ...others] = await outcomesOf(
    scheduler,
    () => Array.from({ length: 9 }, (_, n) => work.submit(n)),
  );
  assertInstanceOf(first, WorkerLostError);
  assertEquals([first.reason, others], ["undeliverable", [1, 2, 3, 4, 5, 6, 7, 8]]);
});

function isCloneError(value: unknown): boolean {
  return value instanceof DOMException && value.name === "DataCloneError";
}
