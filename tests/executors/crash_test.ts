/**
 * Faults by which a task can harm its worker, on every executor whose workers survive them: the future
 * settles once with the right error, the next task runs, and no worker is left. Faults of only one kind
 * of worker are in the tests of that executor.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- errors between two tasks are reported by console.error()

import {
  fromModule,
  FutureCancelledError,
  ModuleLoadError,
  Scheduler,
  WorkerLostError,
  type WorkerLostReason,
} from "@amltk/scheduling";
import {
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";
import { failureOf as failureIn, lossOf as lossIn } from "../fixtures/failure_of.ts";

// deno-lint-ignore no-explicit-any -- functions of any type
type AnyFunction = (...args: any[]) => unknown;

function fixture(name: string): string {
  return new URL(`../fixtures/modules/${name}`, import.meta.url).href;
}

testCrashes("workers", (count) => Scheduler.withWorkers(count, BATCH));
testCrashes("processes", (count) => Scheduler.withProcesses(count, BATCH));

function testCrashes(executor: string, make: (count: number) => Scheduler): void {
  const failureOf = (fn: AnyFunction, ...args: unknown[]) => failureIn(make, fn, ...args);
  const lossOf = (fn: AnyFunction, reason: WorkerLostReason) => lossIn(make, fn, reason);

  async function loadFailureOf(url: string, exportName = "work"): Promise<ModuleLoadError> {
    const error = await failureOf(
      fromModule<Record<string, AnyFunction>>(url)[exportName] as never,
    );
    assertInstanceOf(error, ModuleLoadError);
    assertEquals([error.url, error.exportName], [url, exportName]);
    assertStringIncludes(error.message, url);
    return error;
  }

  Deno.test(`${executor}: a timer loop that awaits is stopped by cancel()`, async () => {
    const scheduler = make(1);
    const endless = scheduler.task(async () => {
      for (;;) await new Promise((resolve) => setTimeout(resolve, 1));
    });
    scheduler.onStart(() => {
      const future = endless.submit();
      scheduler.callLater(50, () => future.cancel());
    });
    assertEquals(await scheduler.run(), { code: "exhausted", runaways: 0 });
    assertEquals(endless.eventCounts.cancelled, 1);
  });

  Deno.test(`${executor}: Deno.exit() fails its task with the exit code`, async () => {
    assertEquals((await lossOf(() => Deno.exit(3), "exit")).exitCode, 3);
  });

  Deno.test(`${executor}: process.exit() fails its task with the exit code`, async () => {
    const named = async () => {
      const { exit } = await import("node:process");
      exit(4);
    };
    const byDefault = async () => (await import("node:process")).default.exit(5);
    assertEquals((await lossOf(named, "exit")).exitCode, 4);
    assertEquals((await lossOf(byDefault, "exit")).exitCode, 5);
  });

  Deno.test(`${executor}: self.close() fails its task`, async () => {
    const error = await lossOf(async () => {
      self.close();
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }, "close");
    assertEquals(error.exitCode, undefined);
  });

  Deno.test(`${executor}: self.close() after the result loses no other task`, async () => {
    const scheduler = make(1);
    const closing = scheduler.task((n: number) => {
      setTimeout(() => self.close(), 0);
      return n;
    });
    let submitted = 0;
    scheduler.onStart(() => {
      closing.submit(submitted++);
    });
    closing.onResult(() => submitted < 20 && closing.submit(submitted++));
    await scheduler.run();
    assertEquals(closing.eventCounts.result, 20);
  });

  Deno.test(`${executor}: a module that throws fails its task with the cause`, async () => {
    const error = await loadFailureOf(fixture("throws.ts"));
    assertInstanceOf(error.cause, TypeError);
    assertEquals(error.cause.message, "thrown at the top level");
  });

  Deno.test(`${executor}: a module without the export fails its task`, async () => {
    const error = await loadFailureOf(fixture("work.ts"), "missing");
    assertMatch(error.message, /exports nothing by that name/);
  });

  Deno.test(`${executor}: a module export other than a function fails its task`, async () => {
    const error = await loadFailureOf(fixture("work.ts"), "constant");
    assertMatch(error.message, /exports a value of type number/);
  });

  Deno.test(`${executor}: a module with a syntax error fails its task`, async () => {
    const error = await loadFailureOf("data:text/javascript,export const work = (;");
    assertInstanceOf(error.cause, Error);
  });

  Deno.test(`${executor}: a module that is not there fails its task`, async () => {
    await loadFailureOf(fixture("not_there.ts"));
  });

  Deno.test(`${executor}: a bad import fails its task without ANSI codes`, async () => {
    const file = await Deno.makeTempFile({ suffix: ".js" });
    await Deno.writeTextFile(file, `import "./not_there.js"; export const work = () => 1;`);
    const error = await loadFailureOf(new URL(`file://${file}`).href);
    await Deno.remove(file);
    assertStringIncludes(error.message, "not_there.js");
    // deno-lint-ignore no-control-regex -- that is what ANSI codes begin with
    assertEquals(/\x1b/.test(error.message), false);
  });

  Deno.test(`${executor}: a module that is never ready can be cancelled`, async () => {
    const scheduler = make(1);
    const { work } = fromModule<typeof import("../fixtures/modules/never_ready.ts")>(
      fixture("never_ready.ts"),
    );
    const stuck = scheduler.task(work);
    const next = scheduler.task(() => 1);
    scheduler.onStart(() => {
      const future = stuck.submit();
      next.submit();
      scheduler.callLater(100, () => future.cancel());
    });
    assertEquals((await scheduler.run()).code, "exhausted");
    assertEquals([stuck.eventCounts.cancelled, next.eventCounts.result], [1, 1]);
  });

  Deno.test(`${executor}: a call submitted before its worker is ready runs`, async () => {
    const scheduler = make(4);
    const task = scheduler.task((n: number) => n);
    scheduler.onStart(() => {
      for (let n = 0; n < 4; n++) task.submit(n);
    });
    await scheduler.run();
    assertEquals(task.eventCounts.result, 4);
  });

  Deno.test(`${executor}: an error in a timer fails its task as cause`, async () => {
    const error = await lossOf(async () => {
      setTimeout(() => {
        throw new RangeError("in a timer");
      });
      await new Promise(() => {});
    }, "uncaught-error");
    assertInstanceOf(error.cause, RangeError);
    assertEquals(error.cause.message, "in a timer");
  });

  Deno.test(`${executor}: an unhandled rejection fails its task as cause`, async () => {
    const error = await lossOf(async () => {
      Promise.reject(new RangeError("unhandled"));
      await new Promise(() => {});
    }, "uncaught-error");
    assertInstanceOf(error.cause, RangeError);
  });

  Deno.test(`${executor}: a stack overflow fails its task and leaves the worker`, async () => {
    const error = await failureOf(function overflow(): number {
      return 1 + overflow();
    });
    assertInstanceOf(error, RangeError);
  });

  Deno.test(`${executor}: an uncloneable argument fails its task, and nothing stays pending`, async () => {
    const error = await failureOf((..._args: unknown[]) => 1, 1, { deep: [{ hook: () => 1 }] });
    assertInstanceOf(error, DOMException);
    assertEquals(error.name, "DataCloneError");
    assertEquals(
      error.message,
      "faulty cannot be called: argument 2, at .deep[0].hook, is a function (hook), " +
        "which cannot be cloned: define it inside the function that calls it, or import it there",
    );
  });

  Deno.test(`${executor}: an uncloneable symbol, promise or weak map is named`, async () => {
    const cases: [unknown, RegExp][] = [
      [Symbol("s"), /argument 1 is a symbol/],
      [{ p: Promise.resolve() }, /argument 1, at \.p, is a promise.*: await it first/],
      [[new WeakMap()], /argument 1, at \[0\], is a WeakMap/],
      [new Map([["k", () => 1]]), /argument 1, at \(a value of a Map\), is a function/],
    ];
    for (const [argument, message] of cases) {
      assertMatch((await failureOf((_x: unknown) => 1, argument) as Error).message, message);
    }
  });

  Deno.test(`${executor}: an uncloneable result fails its task, with its place`, async () => {
    const error = await failureOf(function makeHooks() {
      return { hooks: [1, () => 2] };
    });
    assertInstanceOf(error, DOMException);
    assertEquals(error.name, "DataCloneError");
    assertStringIncludes(error.message, "The result of makeHooks, at .hooks[1], is a function");
  });

  Deno.test(`${executor}: an uncloneable error arrives with its cloneable parts`, async () => {
    const error = await failureOf(() => {
      throw Object.assign(new TypeError("bad"), { hook: () => 1, list: [1] });
    });
    assertInstanceOf(error, TypeError);
    assertEquals({ ...error }, { hook: "()=>1", list: [1] } as never);
  });

  Deno.test(`${executor}: a thrown error keeps class, causes, fields and base classes`, async () => {
    const error = await failureOf(() => {
      class BaseError extends RangeError {}
      class LimitError extends BaseError {
        override name = "LimitError";
        limit = 3;
      }
      throw new LimitError("too far", { cause: new URIError("inner", { cause: "innermost" }) });
    });
    assertInstanceOf(error, RangeError);
    assertEquals([error.name, error.message], ["LimitError", "too far"]);
    assertEquals({ ...error }, { limit: 3 } as never);
    assertMatch(error.stack ?? "", /too far/);
    assertInstanceOf(error.cause, URIError);
    assertEquals(error.cause.cause, "innermost");
  });

  Deno.test(`${executor}: errors of the platform keep their class`, async () => {
    const many = await failureOf(() => {
      throw new AggregateError([new TypeError("a"), 3], "many");
    });
    assertInstanceOf(many, AggregateError);
    assertInstanceOf(many.errors[0], TypeError);
    assertEquals(many.errors[1], 3);

    const aborted = await failureOf(() => {
      throw new DOMException("gone", "AbortError");
    });
    assertInstanceOf(aborted, DOMException);
    assertEquals([aborted.name, aborted.code], ["AbortError", DOMException.ABORT_ERR]);

    const missing = await failureOf(() => Deno.readTextFileSync("/not/there"));
    assertInstanceOf(missing, Deno.errors.NotFound);
  });

  Deno.test(`${executor}: a hostile error does no harm`, async () => {
    const error = await failureOf(() => {
      const hostile = new Error("hostile") as Error & Record<string, unknown>;
      const define = (key: string, descriptor: PropertyDescriptor) =>
        Object.defineProperty(hostile, key, { enumerable: true, ...descriptor });
      define("__proto__", { value: { polluted: true } });
      define("trap", {
        get() {
          throw new Error("trapped");
        },
      });
      let chain: unknown = hostile;
      for (let n = 0; n < 1_000; n++) chain = new Error("link", { cause: chain });
      define("cause", { value: chain, enumerable: false });
      hostile.self = hostile;
      throw hostile;
    });
    assertInstanceOf(error, Error);
    assertStrictEquals(Object.getPrototypeOf(error), Error.prototype);
    assertEquals((error as { polluted?: boolean }).polluted, undefined);
    assertEquals(({} as { polluted?: boolean }).polluted, undefined);
  });

  Deno.test(`${executor}: a thrown proxy that traps everything settles its task`, async () => {
    const error = await failureOf(() => {
      throw new Proxy(new Error("hidden"), {
        get() {
          throw new Error("trapped");
        },
        getPrototypeOf() {
          throw new Error("trapped");
        },
      });
    });
    assertEquals(error, "a value that cannot be read");
  });

  Deno.test(`${executor}: a free variable is named, with the remedy`, async () => {
    const factor = 2;
    const error = await failureOf((n: number) => n * factor, 1);
    assertInstanceOf(error, ReferenceError);
    assertMatch(error.message, /^factor is not defined .*source text.*fromModule\(\)$/);
  });

  Deno.test(`${executor}: cancelling a running task leaves its neighbour alone`, async () => {
    const scheduler = make(2);
    const slow = scheduler.task(async (ms: number) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return ms;
    });
    scheduler.onStart(async () => {
      const [victim, neighbour] = [slow.submit(60_000), slow.submit(200)];
      scheduler.callLater(100, () => victim.cancel());
      await assertRejects(() => victim, FutureCancelledError, "cancel() was called");
      assertEquals(await neighbour, 200);
    });
    assertEquals((await scheduler.run()).code, "exhausted");
  });

  Deno.test(`${executor}: a function works after an argument that cannot be sent`, async () => {
    const scheduler = make(1);
    const task = scheduler.task((value: unknown) => typeof value);
    scheduler.onStart(async () => {
      await assertRejects(() => task.submit(() => 1), DOMException);
      assertEquals(await task.submit(1), "number");
    });
    await scheduler.run({ onException: [[DOMException, "ignore"]] });
  });

  Deno.test(`${executor}: a hostile argument or result fails its task alone`, async () => {
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const trapped = new Proxy({}, {
      ownKeys() {
        throw new Error("trapped");
      },
    });
    let deep: unknown[] = [() => 1];
    for (let n = 0; n < 1000; n++) deep = [deep];
    for (const argument of [revoked.proxy, trapped, deep]) {
      const error = await failureOf((_value: unknown) => 1, argument);
      assertInstanceOf(error, DOMException);
      assertMatch(error.message, /^faulty cannot be called: argument 1, at|is /);
    }
    const result = await failureOf(() => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return [proxy];
    });
    assertInstanceOf(result, DOMException);
    assertMatch(result.message, /^The result of .*, at \[0\], is a Proxy/);
  });

  Deno.test(`${executor}: a worker that exits after a result runs nothing more`, async () => {
    for (const hops of [0, 1, 2, 3, 4, 5]) {
      const scheduler = make(1);
      const closing = scheduler.task(function closing(hops: number) {
        let soon = Promise.resolve();
        for (let n = 0; n < hops; n++) soon = soon.then(() => {});
        soon.then(() => self.close());
        return hops;
      });
      const next = scheduler.task(() => "next");
      scheduler.onStart(() => {
        closing.submit(hops);
        next.submit();
      });
      await scheduler.run({ onException: [[WorkerLostError, "ignore"]] });
      const { result = 0, exception = 0 } = closing.eventCounts;
      assertEquals([result + exception, next.eventCounts.result], [1, 1]);
    }
  });

  Deno.test(`${executor}: an error that a task leaves behind fails no other task`, async () => {
    for (const leave of ["rejection", "timer"] as const) {
      const scheduler = make(1);
      const first = scheduler.task((leave: string) => {
        if (leave === "rejection") Promise.reject(new RangeError("left behind"));
        else setTimeout(() => Promise.reject(new RangeError("left behind")));
        return "first";
      });
      const next = scheduler.task((n: number) => n);
      scheduler.onStart(() => {
        first.submit(leave);
        for (let n = 0; n < 5; n++) next.submit(n);
      });
      await silently(() => scheduler.run({ onException: [[WorkerLostError, "ignore"]] }));
      const { result = 0, exception = 0 } = first.eventCounts;
      assertEquals(result + exception, 1);
      if (leave === "rejection") assertEquals(next.eventCounts.result, 5);
    }
  });

  Deno.test(`${executor}: errors of node and of using arrive as what they are`, async () => {
    const invalid = await failureOf(async () => {
      const { join } = await import("node:path");
      join(5 as never);
    });
    assertInstanceOf(invalid, TypeError);
    assertMatch(String(invalid), /TypeError.*path/);
    const suppressed = await failureOf(() => {
      const outer = new TypeError("outer");
      throw new SuppressedError(new RangeError("inner"), outer, "both");
    });
    assertInstanceOf(suppressed, SuppressedError);
    assertInstanceOf(suppressed.error, RangeError);
    assertInstanceOf(suppressed.suppressed, TypeError);
  });
}

/** Runs `body` with console.error() silenced. */
async function silently(body: () => Promise<unknown>): Promise<void> {
  const print = console.error;
  console.error = () => {};
  await body().finally(() => console.error = print);
}
