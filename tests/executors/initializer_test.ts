import {
  ExecutorBrokenError,
  fromModule,
  Scheduler,
  type StartOptions,
  WorkerLostError,
} from "@amltk/scheduling";
import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";

type Globals = { initialized?: number };

testInitializer(
  "workers",
  (count, options) => Scheduler.withWorkers(count, { ...BATCH, ...options }),
);
testInitializer("processes", (count, options) => Scheduler.withProcesses(count, options));

function testInitializer(
  executor: string,
  make: (count: number, options: StartOptions) => Scheduler,
): void {
  /** The error of all futures if no worker can be initialized. */
  async function breakageOf(options: StartOptions): Promise<ExecutorBrokenError> {
    const scheduler = make(1, options);
    const task = scheduler.task(() => 1);
    scheduler.onStart(() => {
      task.submit();
      task.submit();
    });
    const errors: unknown[] = [];
    task.onException((_future, error) => errors.push(error));
    const exit = await scheduler.run({ onException: "ignore" });
    assertEquals([exit.code, errors.length, scheduler.queue.size], ["exhausted", 2, 0]);
    for (const error of errors) assertInstanceOf(error, ExecutorBrokenError);
    return errors[0] as ExecutorBrokenError;
  }

  Deno.test(`${executor}: the initializer runs once in each new worker, before any call`, async () => {
    const scheduler = make(1, {
      initializer: async () => {
        await new Promise((resolve) => setTimeout(resolve, 10));
        const globals = globalThis as Globals;
        globals.initialized = (globals.initialized ?? 0) + 1;
      },
    });
    const count = scheduler.task(() => (globalThis as Globals).initialized);
    const counts: unknown[] = [];
    count.onResult((_future, n) => counts.push(n));
    scheduler.onStart(async () => {
      await count.submit();
      await count.submit();
      await scheduler.submit(() => self.close()).catch(() => {});
      await count.submit();
    });
    await scheduler.run({ onException: [[WorkerLostError, "ignore"]] });
    assertEquals(counts, [1, 1, 1]);
  });

  Deno.test(`${executor}: the initializer may be a function of a module`, async () => {
    const url = new URL("../fixtures/modules/work.ts", import.meta.url);
    const { countCalls } = fromModule<typeof import("../fixtures/modules/work.ts")>(url);
    const scheduler = make(1, { initializer: countCalls });
    let calls = 0;
    scheduler.onStart(async () => void (calls = await scheduler.submit(countCalls)));
    await scheduler.run();
    assertEquals(calls, 2);
  });

  Deno.test(`${executor}: an initializer that throws breaks the executor with its error`, async () => {
    const error = await breakageOf({
      initializer: () => {
        throw new RangeError("no data");
      },
    });
    assertEquals(
      error.message,
      "No worker can be started: the last 3 failed to. The initializer failed: RangeError: no data",
    );
    assertInstanceOf(error.cause, RangeError);
  });

  Deno.test(`${executor}: an initializer that never ends breaks the executor in time`, async () => {
    const error = await breakageOf({ initializer: () => new Promise(() => {}), startTimeout: 300 });
    assertEquals(/was not ready within 300 ms/.test(error.message), true);
  });

  Deno.test(`${executor}: an initializer that exits breaks the executor with the exit code`, async () => {
    const error = await breakageOf({ initializer: () => Deno.exit(3) });
    assertEquals(/exited with code 3/.test(error.message), true);
  });

  Deno.test(`${executor}: an initializer with a late error breaks the executor`, async () => {
    const error = await breakageOf({
      initializer: () => {
        Promise.reject(new RangeError("unhandled"));
        return new Promise(() => {});
      },
    });
    assertInstanceOf(error.cause, RangeError);
  });

  Deno.test(`${executor}: an initializer that cannot cross is refused before anything starts`, () => {
    const asNative = Math.max as unknown as () => void;
    assertThrows(() => make(1, { initializer: asNative }), TypeError, "native code");
    assertThrows(() => make(1, { initializer: 5 as never }), TypeError, "must be a function");
  });
}
