/** The list of `onException`: what it takes, and which errors match, the same on every executor. @module */

import { type ErrorPolicy, Scheduler, type TaskFunction } from "@amltk/scheduling";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";

const executors: Readonly<Record<string, () => Scheduler>> = {
  workers: () => Scheduler.withWorkers(1, BATCH),
  processes: () => Scheduler.withProcesses(1, BATCH),
  sequential: () => Scheduler.withSequential(),
};

class ModelError extends Error {}
class TooDeep extends ModelError {}
class OtherError extends Error {}

// With classes of its own, as those of a worker are.
function failTooDeep(): never {
  class ModelError extends Error {}
  class TooDeep extends ModelError {}
  throw new TooDeep("no tree has this depth");
}

async function failAnonymously(): Promise<never> {
  await Promise.resolve();
  throw new (class extends Error {})("nameless");
}

async function outcome(
  make: () => Scheduler,
  fn: TaskFunction,
  onException: ErrorPolicy,
): Promise<string> {
  const scheduler = make();
  scheduler.onStart(() => {
    scheduler.submit(fn);
  });
  return await scheduler.run({ onException }).then(({ code }) => code, String);
}

for (const [executor, make] of Object.entries(executors)) {
  Deno.test(`${executor}: onException matches a class of the function by name`, async () => {
    assertEquals(await outcome(make, failTooDeep, [[TooDeep, "ignore"]]), "exhausted");
    assertEquals(
      await outcome(make, failTooDeep, [[TooDeep, "end"], [Error, "ignore"]]),
      "exception",
    );
  });

  Deno.test(`${executor}: onException knows a base class by its name`, async () => {
    const policy: ErrorPolicy = [[OtherError, "end"], [ModelError, "ignore"], [Error, "end"]];
    assertEquals(await outcome(make, failTooDeep, policy), "exhausted");
  });

  Deno.test(`${executor}: onException matches thrown values that are no errors`, async () => {
    class Halt {}
    const halt = () => {
      class Halt {
        reason = "enough";
      }
      throw new Halt();
    };
    assertEquals(await outcome(make, halt, [[Error, "end"], [Halt, "ignore"]]), "exhausted");
    assertEquals(await outcome(make, halt, [[TooDeep, "ignore"]]), "[object Object]");
  });

  Deno.test(`${executor}: onException raises errors of unlisted classes`, async () => {
    const raised = "Error: no tree has this depth";
    assertEquals(await outcome(make, failTooDeep, [[OtherError, "ignore"]]), raised);
  });

  Deno.test(`${executor}: onException distinguishes classes without a name`, async () => {
    const policy: ErrorPolicy = [[class extends Error {}, "ignore"]];
    assertEquals(await outcome(make, failAnonymously, policy), "Error: nameless");
  });

  Deno.test(`${executor}: a class with a throwing hasInstance matches nothing`, async () => {
    class Hostile extends Error {
      static override [Symbol.hasInstance](): boolean {
        throw new RangeError("asked");
      }
    }
    const policy: ErrorPolicy = [[Hostile, "ignore"], [Error, "end"]];
    assertEquals(await outcome(make, failTooDeep, policy), "exception");
  });
}

Deno.test("onException copies its list when the run starts", async () => {
  const policy: [typeof Error, "ignore" | "end"][] = [[Error, "ignore"]];
  const scheduler = Scheduler.withSequential();
  scheduler.onStart(() => {
    policy.length = 0;
    scheduler.submit(failTooDeep);
  });
  assertEquals((await scheduler.run({ onException: policy })).code, "exhausted");
});

// --------------------------------------------------------------------- what is no class

function isRangeError(error: unknown): boolean {
  return error instanceof RangeError;
}

const refused: Readonly<Record<string, [rule: unknown, shown: string]>> = {
  "an arrow function": [
    [(e: unknown) => e instanceof Error, "ignore"],
    "with function (anonymous)",
  ],
  "a function": [[isRangeError, "ignore"], "with function isRangeError"],
  "an async function": [[async () => await true, "ignore"], "with function (anonymous)"],
  "a method": [[{ test: () => true }.test, "ignore"], "with function test"],
  "a generator function": [[function* all() {}, "ignore"], "with function all"],
  "a bound class": [[RangeError.bind(null), "ignore"], "with function bound RangeError"],
  "a native function": [[Math.max, "ignore"], "with function max"],
  "an error": [[new RangeError("x"), "ignore"], "not [an object of RangeError"],
  "a name": [["RangeError", "ignore"], 'not ["RangeError", "ignore"]'],
  "nothing": [[], "not []"],
  "null": [null, "not null"],
  "a hole": [[, "ignore"], 'not [undefined, "ignore"]'],
  "a class without an action": [[RangeError], "not [the class RangeError]"],
};

for (const [what, [rule, shown]] of Object.entries(refused)) {
  Deno.test(`onException refuses ${what} in place of a class, before any event`, async () => {
    for (const [index, list] of [[rule], [[TypeError, "ignore"], rule]].entries()) {
      const scheduler = Scheduler.withWorkers(1, BATCH);
      const error = await assertRejects(
        () => scheduler.run({ onException: list as never }),
        TypeError,
        `onException[${index}]`,
      );
      assert(error.message.includes(shown), error.message);
      assert(error.message.includes('[RangeError, "ignore"]'), error.message);
      assertEquals([scheduler.eventCounts.start, scheduler.running], [0, false]);
    }
  });
}

Deno.test("onException refuses a list with a hole", async () => {
  const list = [, [Error, "ignore"]] as never;
  await assertRejects(
    () => Scheduler.withSequential().run({ onException: list }),
    TypeError,
    "onException[0] must be a pair",
  );
});

Deno.test("onException takes classes of every making", async () => {
  // As compilers wrote them before there was a word for it.
  function Legacy(this: { message: string }, message: string) {
    this.message = message;
  }
  Legacy.prototype = Object.create(Error.prototype, { constructor: { value: Legacy } });
  function Halt(this: unknown) {}
  Halt.prototype.stops = () => true;
  abstract class Abstract extends Error {}
  const classes = [Legacy, Halt, Abstract, RangeError, DOMException, Deno.errors.NotFound, Object];
  for (const type of classes) {
    const onException = [[type, "ignore"], [Error, "ignore"]] as never;
    assertEquals(
      await outcome(() => Scheduler.withSequential(), failTooDeep, onException),
      "exhausted",
    );
  }
});
