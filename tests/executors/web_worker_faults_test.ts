/**
 * One test for each row of what can go wrong in a Web Worker: the future settles with the right
 * error, the next task runs, and nothing is left. Rows that a Web Worker cannot survive:
 *
 * - Out of memory ends the whole process. Only a child process contains it.
 * - A thread that never yields goes on after `terminate()`: its future, the queue and the run are
 *   freed, and it is counted and told (below, in a process of its own).
 * - `Deno.chdir`, `Deno.env.set` and `Deno.umask` in a worker change the whole process: README says so.
 *
 * @module
 */

import {
  ExecutorBrokenError,
  type ExitState,
  fromModule,
  FutureCancelledError,
  ModuleLoadError,
  Scheduler,
  WebWorkerExecutor,
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

import { runFixture } from "../fixtures/run_fixture.ts";

// deno-lint-ignore no-explicit-any -- functions of any type
type AnyFunction = (...args: any[]) => unknown;

/** What a function fails with in a worker, after the next task of the same scheduler has run. */
async function failureOf(fn: AnyFunction, ...args: unknown[]): Promise<unknown> {
  const scheduler = Scheduler.withWorkers(1);
  let settled = 0;
  const faulty = scheduler.task(fn, { name: "faulty" });
  const next = scheduler.task((n: number) => n + 1);
  const failures: unknown[] = [];
  faulty.onException((_future, error) => failures.push(error));
  scheduler.onFutureDone(() => settled++);
  next.onResult((_future, n) => assertEquals(n, 42));
  scheduler.onStart(() => {
    faulty.submit(...args);
    next.submit(41);
  });
  const exit = await scheduler.run({ onException: "ignore" });
  assertEquals(exit, { code: "exhausted", runaways: 0 });
  assertEquals([settled, failures.length, next.eventCounts.result], [2, 1, 1]);
  return failures[0];
}

async function lossOf(fn: AnyFunction, reason: WorkerLostReason): Promise<WorkerLostError> {
  const error = await failureOf(fn);
  assertInstanceOf(error, WorkerLostError);
  assertEquals(error.reason, reason);
  return error;
}

async function loadFailureOf(url: string, exportName = "work"): Promise<ModuleLoadError> {
  const error = await failureOf(fromModule<Record<string, AnyFunction>>(url)[exportName] as never);
  assertInstanceOf(error, ModuleLoadError);
  assertEquals([error.url, error.exportName], [url, exportName]);
  assertStringIncludes(error.message, url);
  return error;
}

function fixture(name: string): string {
  return new URL(`../fixtures/modules/${name}`, import.meta.url).href;
}

Deno.test("a busy loop is cancelled, counted and told, and the next task runs", async () => {
  const { code, stdout, stderr } = await runFixture("busy_loop.ts");
  assertEquals(code, 0);
  const report: { exit: ExitState; cancelled: number; next: number } = JSON.parse(stdout);
  assertEquals(report, { exit: { code: "exhausted", runaways: 1 }, cancelled: 1, next: 1 });
  assertMatch(stderr, /The thread that ran spin .*Scheduler\.withProcesses/);
  assertEquals(stderr.trim().split("\n").length, 1);
});

Deno.test("past the cap of runaways the pool shrinks, and with no worker left calls fail", async () => {
  const { code, stdout } = await runFixture("runaways.ts");
  assertEquals(code, 0);
  const { exit, cancelled, results, errors } = JSON.parse(stdout);
  assertEquals(exit, { code: "stopped", runaways: 2 });
  assertEquals([cancelled, results, errors.length], [2, 1, 1]);
  assertMatch(errors[0], /^ExecutorBrokenError: No worker is left: 2 threads .*withProcesses/);
});

Deno.test("a timer loop that awaits is stopped by cancel()", async () => {
  const scheduler = Scheduler.withWorkers(1);
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

Deno.test("Deno.exit() fails its task with the exit code", async () => {
  assertEquals((await lossOf(() => Deno.exit(3), "exit")).exitCode, 3);
});

Deno.test("process.exit() fails its task with the exit code, however it is imported", async () => {
  const named = async () => {
    const { exit } = await import("node:process");
    exit(4);
  };
  const byDefault = async () => (await import("node:process")).default.exit(5);
  assertEquals((await lossOf(named, "exit")).exitCode, 4);
  assertEquals((await lossOf(byDefault, "exit")).exitCode, 5);
});

Deno.test("self.close() fails its task", async () => {
  const error = await lossOf(async () => {
    self.close();
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }, "close");
  assertEquals(error.exitCode, undefined);
});

Deno.test("self.close() after the result loses no other task", async () => {
  const scheduler = Scheduler.withWorkers(1);
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

Deno.test("a worker that dies without a word fails its task", async () => {
  // No code in a worker gets past the interception, so its sign of life is taken from it: the other
  // side sees the same as when the thread has ended.
  const error = await lossOf(async () => {
    const { locks } = navigator as unknown as {
      locks: {
        query(): Promise<{ held: { name: string }[] }>;
        request(name: string, options: { steal: boolean }, granted: () => void): Promise<void>;
      };
    };
    for (const { name } of (await locks.query()).held) {
      await locks.request(name, { steal: true }, () => {});
    }
    await new Promise(() => {});
  }, "died");
  assertStringIncludes(error.message, "without a word");
});

Deno.test("an error that passes the worker's own listeners fails its task", async () => {
  const error = await lossOf(async () => {
    const nested = `throw new RangeError("in a nested worker")`;
    new Worker(`data:text/javascript,${encodeURIComponent(nested)}`, { type: "module" });
    await new Promise(() => {});
  }, "uncaught-error");
  assertInstanceOf(error.cause, Error);
  assertStringIncludes(error.cause.message, "nested worker");
});

Deno.test("a module that throws at the top level fails its task with the cause", async () => {
  const error = await loadFailureOf(fixture("throws.ts"));
  assertInstanceOf(error.cause, TypeError);
  assertEquals(error.cause.message, "thrown at the top level");
});

Deno.test("a module without the export fails its task", async () => {
  const error = await loadFailureOf(fixture("work.ts"), "missing");
  assertMatch(error.message, /exports nothing by that name/);
});

Deno.test("a module with an export that is no function fails its task", async () => {
  const error = await loadFailureOf(fixture("work.ts"), "constant");
  assertMatch(error.message, /exports a value of type number/);
});

Deno.test("a module with a syntax error fails its task", async () => {
  const error = await loadFailureOf("data:text/javascript,export const work = (;");
  assertInstanceOf(error.cause, Error);
});

Deno.test("a module that is not there fails its task", async () => {
  await loadFailureOf(fixture("not_there.ts"));
});

Deno.test("a module with a bad import fails its task, without ANSI codes", async () => {
  const file = await Deno.makeTempFile({ suffix: ".js" });
  await Deno.writeTextFile(file, `import "./not_there.js"; export const work = () => 1;`);
  const error = await loadFailureOf(new URL(`file://${file}`).href);
  await Deno.remove(file);
  assertStringIncludes(error.message, "not_there.js");
  // deno-lint-ignore no-control-regex -- that is what ANSI codes begin with
  assertEquals(/\x1b/.test(error.message), false);
});

Deno.test("a module that is never ready can be cancelled", async () => {
  const scheduler = Scheduler.withWorkers(1);
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

Deno.test("a call that is submitted before its worker is up is not lost", async () => {
  const scheduler = Scheduler.withWorkers(4);
  const task = scheduler.task((n: number) => n);
  scheduler.onStart(() => {
    for (let n = 0; n < 4; n++) task.submit(n);
  });
  await scheduler.run();
  assertEquals(task.eventCounts.result, 4);
});

Deno.test("an error thrown in a timer fails its task with the error as cause", async () => {
  const error = await lossOf(async () => {
    setTimeout(() => {
      throw new RangeError("in a timer");
    });
    await new Promise(() => {});
  }, "uncaught-error");
  assertInstanceOf(error.cause, RangeError);
  assertEquals(error.cause.message, "in a timer");
});

Deno.test("an unhandled rejection fails its task with the error as cause", async () => {
  const error = await lossOf(async () => {
    Promise.reject(new RangeError("unhandled"));
    await new Promise(() => {});
  }, "uncaught-error");
  assertInstanceOf(error.cause, RangeError);
});

Deno.test("a stack overflow fails its task and leaves the worker", async () => {
  const error = await failureOf(function overflow(): number {
    return 1 + overflow();
  });
  assertInstanceOf(error, RangeError);
});

Deno.test("an argument that cannot be cloned fails its task, and leaves nothing waiting", async () => {
  const error = await failureOf((..._args: unknown[]) => 1, 1, { deep: [{ hook: () => 1 }] });
  assertInstanceOf(error, DOMException);
  assertEquals(error.name, "DataCloneError");
  assertEquals(
    error.message,
    "Argument 2 of faulty cannot be sent to a worker: args[1].deep[0].hook is a function (hook), " +
      "which cannot be cloned",
  );
});

Deno.test("a symbol, a promise and a weak map are named as what cannot be cloned", async () => {
  const cases: [unknown, RegExp][] = [
    [Symbol("s"), /args\[0\] is a symbol/],
    [{ p: Promise.resolve() }, /args\[0\]\.p is an object of type Promise/],
    [[new WeakMap()], /args\[0\]\[0\] is an object of type WeakMap/],
    [new Map([["k", () => 1]]), /args\[0\] \(a value of a Map\) is a function/],
  ];
  for (const [argument, message] of cases) {
    assertMatch((await failureOf((_x: unknown) => 1, argument) as Error).message, message);
  }
});

Deno.test("a buffer that was moved before fails its task when moved again", async () => {
  const buffer = new ArrayBuffer(8);
  structuredClone(buffer, { transfer: [buffer] });
  const scheduler = Scheduler.withWorkers(1);
  const task = scheduler.task((b: ArrayBuffer) => b.byteLength);
  scheduler.onStart(async () => {
    const moved = task.with({ transfer: [buffer] }).submit(buffer);
    const error = await assertRejects(() => moved, DOMException);
    assertMatch(error.message, /The arguments of .* cannot be sent|Argument 1 of/);
    assertEquals(await task.submit(new ArrayBuffer(3)), 3);
  });
  await scheduler.run({ onException: "ignore" });
});

Deno.test("a result that cannot be cloned fails its task with its place in the result", async () => {
  const error = await failureOf(function makeHooks() {
    return { hooks: [1, () => 2] };
  });
  assertInstanceOf(error, DOMException);
  assertEquals(error.name, "DataCloneError");
  assertStringIncludes(error.message, "result.hooks[1] is a function");
});

Deno.test("an error that cannot be cloned arrives with what of it can be", async () => {
  const error = await failureOf(() => {
    throw Object.assign(new TypeError("bad"), { hook: () => 1, list: [1] });
  });
  assertInstanceOf(error, TypeError);
  assertEquals({ ...error }, { hook: "()=>1", list: [1] } as never);
});

Deno.test("a thrown error keeps class, causes, fields and base classes", async () => {
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

Deno.test("errors of the platform keep their class", async () => {
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

Deno.test("a hostile error does no harm", async () => {
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

Deno.test("a thrown proxy that traps everything settles its task", async () => {
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

Deno.test("a free variable is named, with the remedy", async () => {
  const factor = 2;
  const error = await failureOf((n: number) => n * factor, 1);
  assertInstanceOf(error, ReferenceError);
  assertMatch(error.message, /^factor is not defined .*source text.*fromModule\(\)$/);
});

Deno.test("what a task posts itself disturbs nothing", async () => {
  const scheduler = Scheduler.withWorkers(1);
  scheduler.onStart(async () => {
    const noisy = scheduler.submit(() => {
      const { postMessage } = self as unknown as { postMessage(message: unknown): void };
      for (const message of [null, 1, { id: "x" }, { type: "ready" }]) postMessage(message);
      return "posted";
    });
    assertEquals(await noisy, "posted");
  });
  assertEquals((await scheduler.run()).code, "exhausted");
});

Deno.test("a worker's uncaught error between two tasks goes to stderr and fails no task", async () => {
  const { code, stdout, stderr } = await runFixture("error_between_tasks.ts");
  assertEquals([code, stdout.trim()], [0, "stopped 2"]);
  assertMatch(stderr, /between two tasks: RangeError: late/);
});

Deno.test("an executor whose workers cannot start is broken, and says why", async () => {
  // The worker's module, a local file, cannot be read without permission.
  const { stdout } = await runFixture("no_permissions.ts", []);
  assertMatch(stdout, /^ExecutorBrokenError: No worker can be started: .*read/);
  assertStringIncludes(stdout, "3 failed");
});

Deno.test("a worker that is not ready in time counts as one that cannot start", async () => {
  const scheduler = new Scheduler(new WebWorkerExecutor(1, { startTimeout: 0 }));
  scheduler.onStart(async () => {
    const future = scheduler.submit(() => 1);
    const error = await assertRejects(() => future, ExecutorBrokenError);
    assertStringIncludes(error.message, "Its worker was not ready within 0 ms");
  });
  assertEquals((await scheduler.run({ onException: "ignore" })).code, "exhausted");
});

Deno.test("a cancelled running task fails with FutureCancelledError, its neighbour with nothing", async () => {
  const scheduler = Scheduler.withWorkers(2);
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
