/**
 * Every fault at every point of a task (loading its module, its run, its result, its error, its end and
 * the time after it), on both executors. Each fault settles its future once with the right error, the
 * next task runs, and no worker outlives the run.
 *
 * @module
 */

import {
  ModuleLoadError,
  Scheduler,
  type TaskFunction,
  type WorkerLostError,
  type WorkerLostReason,
} from "@amltk/scheduling";
import { assertEquals, assertInstanceOf, assertMatch, assertStringIncludes } from "@std/assert";
import { remains } from "../../tools/remains.ts";
import { BATCH } from "../fixtures/batch_option.ts";
import { cancelRunning, failureOf, lossOf, type Make } from "../fixtures/failure_of.ts";
import { moduleOf } from "../fixtures/module_of.ts";

const executors: Readonly<Record<string, Make>> = {
  workers: (count) => Scheduler.withWorkers(count, BATCH),
  processes: (count) => Scheduler.withProcesses(count, BATCH),
};

/** How a worker is lost, with the exit code or the cause. */
type Loss = readonly [reason: WorkerLostReason, details?: { exitCode?: number; cause?: RegExp }];

function checkLoss(error: WorkerLostError, [, details = {}]: Loss): void {
  assertEquals(error.exitCode, details.exitCode);
  if (details.cause === undefined) assertEquals(error.cause, undefined);
  else assertMatch(String(error.cause), details.cause);
}

// --- that what is left is seen at all

for (const [executor, make] of Object.entries(executors)) {
  Deno.test(`${executor}: remains() sees the workers of a run, and none after it`, async () => {
    const scheduler = make(2);
    let during: readonly string[] = [];
    scheduler.onStart(async () => {
      const futures = [1, 2].map(() => scheduler.submit(() => new Promise(() => {})));
      while (futures.some(({ state }) => state !== "running")) await tick();
      during = await remains();
      scheduler.stop();
    });
    await scheduler.run({ wait: false });
    assertEquals([during.length, await remains()], [2, []]);
  });
}

// --- while its module is loaded

const work = "export const work = () => 1;";

const failedLoads: Readonly<Record<string, [source: string, cause: RegExp]>> = {
  "rejects": [`await Promise.reject(new RangeError("no")); ${work}`, /^RangeError: no$/],
  "throws a non-error": [`throw 7; ${work}`, /^7$/],
  "throws what cannot be cloned": [
    `throw Object.assign(new TypeError("no"), { hook() {} }); ${work}`,
    /^TypeError: no$/,
  ],
  "overflows the stack": [`const f = () => 1 + f(); f(); ${work}`, /^RangeError: Maximum call/],
};

const lostLoads: Readonly<Record<string, [source: string, ...Loss]>> = {
  "calls Deno.exit()": [`Deno.exit(3); ${work}`, "exit", { exitCode: 3 }],
  "calls process.exit()": [
    `import process from "node:process"; process.exit(4); ${work}`,
    "exit",
    { exitCode: 4 },
  ],
  "calls self.close()": [`self.close(); await new Promise(() => {}); ${work}`, "close"],
  "throws in a timer": [
    `setTimeout(() => { throw new RangeError("late"); }); await new Promise(() => {}); ${work}`,
    "uncaught-error",
    { cause: /^RangeError: late$/ },
  ],
  "leaves a rejection unhandled": [
    `Promise.reject(new RangeError("left")); await new Promise(() => {}); ${work}`,
    "uncaught-error",
    { cause: /^RangeError: left$/ },
  ],
};

for (const [executor, make] of Object.entries(executors)) {
  for (const [what, [source, cause]] of Object.entries(failedLoads)) {
    Deno.test(`${executor}: a module that ${what} at the top level fails its task`, async () => {
      const error = await failureOf(make, moduleOf(source));
      assertInstanceOf(error, ModuleLoadError);
      assertMatch(String(error.cause), cause);
    });
  }

  for (const [what, [source, ...loss]] of Object.entries(lostLoads)) {
    Deno.test(`${executor}: a module that ${what} at the top level fails its task`, async () => {
      checkLoss(await lossOf(make, moduleOf(source), loss[0]), loss);
    });
  }

  Deno.test(`${executor}: a module that never finishes loading can be cancelled`, async () => {
    await cancelRunning(make, moduleOf(`await new Promise(() => {}); ${work}`));
  });
}

// --- while it runs

const nonErrors: readonly [thrown: TaskFunction, arrives: unknown][] = [
  [() => undefined, undefined],
  [() => null, null],
  [() => 0, 0],
  [() => "", ""],
  [() => "text", "text"],
  [() => 1n, 1n],
  [() => ({ code: 1 }), { code: 1 }],
  [() => [1, [2]], [1, [2]]],
  [() => new Map([[1, 2]]), new Map([[1, 2]])],
  // A value that cannot be cloned arrives as text.
  [() => Symbol("s"), "Symbol(s)"],
  [() => Promise, "function Promise() { [native code] }"],
];

const losses: Readonly<Record<string, [fn: TaskFunction, ...Loss]>> = {
  "calls Deno.exit() without a code": [() => Deno.exit(), "exit", { exitCode: 0 }],
  "calls Deno.exit() with Deno.exitCode set": [
    () => {
      Deno.exitCode = 5;
      Deno.exit();
    },
    "exit",
    { exitCode: 5 },
  ],
  "calls Deno.exit() after it has waited": [
    async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      Deno.exit(3);
    },
    "exit",
    { exitCode: 3 },
  ],
  "calls Deno.exit() in a timer": [
    () => {
      setTimeout(() => Deno.exit(3), 1);
      return new Promise(() => {});
    },
    "exit",
    { exitCode: 3 },
  ],
  "calls Deno.exit() in a finally": [
    () => {
      try {
        throw new TypeError("no");
      } finally {
        Deno.exit(3);
      }
    },
    "exit",
    { exitCode: 3 },
  ],
  "calls self.close() in a timer": [
    () => {
      setTimeout(() => self.close(), 1);
      return new Promise(() => {});
    },
    "close",
  ],
  "throws a non-error in a timer": [
    () => {
      setTimeout(() => {
        throw 7;
      });
      return new Promise(() => {});
    },
    "uncaught-error",
    { cause: /^7$/ },
  ],
  "throws in a microtask": [
    () => {
      queueMicrotask(() => {
        throw new RangeError("in a microtask");
      });
      return new Promise(() => {});
    },
    "uncaught-error",
    { cause: /^RangeError: in a microtask$/ },
  ],
  "throws in an event listener": [
    () => {
      const target = new EventTarget();
      target.addEventListener("fault", () => {
        throw new RangeError("in a listener");
      });
      target.dispatchEvent(new Event("fault"));
      return new Promise(() => {});
    },
    "uncaught-error",
    { cause: /^RangeError: in a listener$/ },
  ],
  "overflows the stack in a timer": [
    () => {
      const overflow = (): number => 1 + overflow();
      setTimeout(overflow);
      return new Promise(() => {});
    },
    "uncaught-error",
    { cause: /^RangeError: Maximum call stack/ },
  ],
  "leaves a rejection with a non-error unhandled": [
    () => {
      Promise.reject(7);
      return new Promise(() => {});
    },
    "uncaught-error",
    { cause: /^7$/ },
  ],
  "exits while its result is read": [
    () => ({
      get trap() {
        return Deno.exit(3);
      },
    }),
    "exit",
    { exitCode: 3 },
  ],
  "exits while its error is read": [
    () => {
      throw Object.defineProperty(new Error(), "message", { get: () => Deno.exit(3) });
    },
    "exit",
    { exitCode: 3 },
  ],
  "exits, and throws while it ends": [
    () => {
      addEventListener("unload", () => {
        throw new TypeError("while it ends");
      });
      Deno.exit(3);
    },
    "exit",
    { exitCode: 3 },
  ],
};

for (const [executor, make] of Object.entries(executors)) {
  Deno.test(`${executor}: a non-error arrives as it is, thrown or rejected with`, async () => {
    const scheduler = make(1);
    const seen: unknown[] = [];
    scheduler.onFutureException((_future, thrown) => seen.push(thrown));
    scheduler.onStart(async () => {
      for (const [value] of nonErrors) {
        const thrown = `const thrown = ${value}; export const work = `;
        for (const way of ["() => { throw thrown(); }", "() => Promise.reject(thrown())"]) {
          await scheduler.submit(moduleOf(thrown + way)).catch(() => {});
        }
      }
    });
    const exit = await scheduler.run({ onException: "ignore" });
    assertEquals(exit, { code: "exhausted", runaways: 0 });
    assertEquals(seen, nonErrors.flatMap(([, arrives]) => [arrives, arrives]));
  });

  Deno.test(`${executor}: a rejection arrives like a thrown error`, async () => {
    const error = await failureOf(make, async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      throw Object.assign(new URIError("no", { cause: 7 }), { code: 1 });
    });
    assertInstanceOf(error, URIError);
    assertEquals([error.message, error.cause, { ...error }], ["no", 7, { code: 1 }]);
  });

  for (const [what, [fn, ...loss]] of Object.entries(losses)) {
    Deno.test(`${executor}: a task that ${what} is lost`, async () => {
      checkLoss(await lossOf(make, fn, loss[0]), loss);
    });
  }
}

// --- its result

for (const [executor, make] of Object.entries(executors)) {
  Deno.test(`${executor}: a late uncloneable result fails its task`, async () => {
    const error = await failureOf(make, async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return new Map([["key", new WeakSet()]]);
    });
    assertInstanceOf(error, DOMException);
    assertEquals(error.name, "DataCloneError");
    assertStringIncludes(error.message, "at (a value of a Map), is a WeakSet");
  });

  Deno.test(`${executor}: a result that throws when it is read fails its task`, async () => {
    const error = await failureOf(make, () => ({
      get trap() {
        throw new RangeError("trapped");
      },
    }));
    assertInstanceOf(error, DOMException);
    assertEquals(error.name, "DataCloneError");
    assertInstanceOf(error.cause, RangeError);
  });

  Deno.test(`${executor}: a result with a throwing then() fails its task`, async () => {
    const error = await failureOf(make, () => ({
      then() {
        throw new RangeError("then");
      },
    }));
    assertInstanceOf(error, RangeError);
  });

  Deno.test(`${executor}: a result with an endless then() can be cancelled`, async () => {
    await cancelRunning(make, () => ({ then() {} }));
  });
}

// --- after its end

for (const [executor, make] of Object.entries(executors)) {
  const ends: Readonly<Record<string, TaskFunction>> = {
    "Deno.exit()": () => void setTimeout(() => Deno.exit(3), 20),
    "process.exit()": async () => {
      const { exit } = await import("node:process");
      setTimeout(() => exit(3), 20);
    },
    "self.close()": () => void setTimeout(() => self.close(), 20),
  };
  for (const [how, fn] of Object.entries(ends)) {
    Deno.test(`${executor}: an idle worker that ended by ${how} is replaced`, async () => {
      const scheduler = make(1);
      scheduler.onStart(async () => {
        await scheduler.submit(fn);
        while ((await remains()).length > 0) await tick();
        assertEquals(await scheduler.submit(() => "next"), "next");
      });
      assertEquals(await scheduler.run(), { code: "exhausted", runaways: 0 });
      assertEquals(await remains(), []);
    });
  }
}

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}
