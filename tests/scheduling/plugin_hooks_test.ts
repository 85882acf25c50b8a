// The hooks by which plugins hold calls back, settle them without a worker, and hold their end.
import { AsyncLocalStorage } from "node:async_hooks";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  type AnyPlugin,
  type CallOutcome,
  type Future,
  type FutureState,
  type RunOptions,
  Scheduler,
  WorkerLostError,
} from "@amltk/scheduling";
import { BATCH } from "../fixtures/batch_option.ts";
import { during } from "../fixtures/during.ts";
import { changing, manually } from "../fixtures/manual_task.ts";
import { traceOf } from "../fixtures/trace.ts";

const SCHEDULERS: Readonly<Record<string, () => Scheduler>> = {
  workers: () => Scheduler.withWorkers(1, { ...BATCH }),
  processes: () => Scheduler.withProcesses(1, BATCH),
  sequential: () => Scheduler.withSequential(),
};

const same = (n: number): number => n;
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/** A plugin that answers each outcome. */
function settling(preSettle: NonNullable<AnyPlugin["preSettle"]>, name = "settling"): AnyPlugin {
  return { name, preSettle };
}

/** Settles it with a result or an error, as promises do. */
const outcomeOf = (future: PromiseLike<unknown> | undefined) =>
  Promise.resolve(future).catch((error: unknown) => error);

// --- after

Deno.test("Submission.after holds the call until it fulfils", async () => {
  const gate = Promise.withResolvers<void>();
  const { scheduler, executor, task } = manually(changing(() => ({ after: gate.promise })));
  await during(scheduler, async () => {
    const future = task.submit(1);
    await turn();
    assertEquals([future?.state, executor.calls.length, task.runningCount], ["pending", 0, 1]);
    gate.resolve();
    await turn();
    executor.calls[0]?.succeed(2);
    assertEquals(await future, 2);
  });
});

Deno.test("Submission.after of each plugin and futures hold together", async () => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const plugins = gates.map(({ promise }) => changing(() => ({ after: promise })));
  const { scheduler, executor, task } = manually(...plugins);
  await during(scheduler, async () => {
    const needed = scheduler.submit(() => 5);
    const future = task.submit(needed);
    for (const open of [() => gates[1]?.resolve(), () => executor.calls[0]?.succeed(5)]) {
      open();
      await turn();
      assertEquals(executor.calls.length, 1);
    }
    gates[0]?.resolve();
    await turn();
    assertEquals(executor.calls[1]?.args, [5]);
    executor.calls[1]?.succeed(6);
    assertEquals(await future, 6);
  });
});

Deno.test("Submission.after that rejects fails the call, judged once", async () => {
  const error = new RangeError("no permit");
  for (const settle of ["at once", "later"]) {
    const gate = Promise.withResolvers<void>();
    if (settle === "at once") gate.reject(error);
    const { scheduler, executor, task } = manually(changing(() => ({ after: gate.promise })));
    const futures: unknown[] = [];
    scheduler.onStart(() => {
      futures.push(task.submit(1));
      if (settle === "later") scheduler.callLater(0, () => gate.reject(error));
    });
    const run = scheduler.run({ onException: { tasks: "ignore", run: "raise" } });
    assertStrictEquals(await run.catch((reason) => reason), error);
    const [future] = futures as Future[];
    assertStrictEquals(future?.exception, error);
    assertEquals([task.eventCounts.exception, executor.calls.length], [1, 0]);
  }
});

Deno.test("Submission.after is ignored once the call is cancelled", async () => {
  for (const late of ["resolve", "reject"] as const) {
    const gate = Promise.withResolvers<void>();
    const { scheduler, executor, task } = manually(changing(() => ({ after: gate.promise })));
    await during(scheduler, async () => {
      const [held, early] = [task.submit(1), new AbortController()];
      early.abort();
      task.with({ signal: early.signal }).submit(2);
      held?.cancel();
      gate[late](undefined as never);
      await turn();
      assertEquals([task.eventCounts.cancelled, executor.calls.length], [2, 0]);
    });
  }
});

Deno.test("Submission.after that never settles ends with the run", async () => {
  for (const wait of [true, false, 0] as const) {
    const { scheduler, task } = manually(changing(() => ({ after: new Promise(() => {}) })));
    scheduler.onStart(() => void task.submit(1));
    const run = scheduler.run({ wait });
    scheduler.stop();
    assertEquals((await run).code, "stopped");
    assertEquals(task.eventCounts.cancelled, 1);
  }
});

Deno.test("Submission.after may call back twice, or throw", async () => {
  const twice = {
    then(onFulfilled: () => void) {
      onFulfilled();
      onFulfilled();
    },
  };
  const throws = {
    then() {
      throw new RangeError("no");
    },
  };
  const { scheduler, executor, task } = manually(
    changing(({ args }) => ({ after: args[0] === 1 ? twice : throws })),
  );
  await during(scheduler, async () => {
    const futures = [task.submit(1), task.submit(2)];
    await turn();
    executor.calls[0]?.succeed(1);
    assertEquals([await futures[0], executor.calls.length], [1, 1]);
    await assertRejects(() => Promise.resolve(futures[1]), RangeError, "no");
  }, { onException: { tasks: "raise", run: "ignore" } });
});

// --- settled

for (const [name, make] of Object.entries(SCHEDULERS)) {
  Deno.test(`Submission.settled gives the result without a worker (${name})`, async () => {
    const scheduler = make();
    const plugins = changing(({ args }) => args[0] === 1 ? { settled: { result: undefined } } : {});
    const task = scheduler.task(same, { name: "same", plugins });
    const trace = traceOf(scheduler, task);
    await during(scheduler, async () => {
      const future = task.submit(1);
      assertEquals([future?.state, future?.done], ["pending", false]);
      assertEquals(await future, undefined);
      assertEquals([future?.state, future?.startedAt], ["done", undefined]);
      assert(future?.settledAt !== undefined);
    });
    assertEquals(trace, [
      ...["start", "future-submitted", "same submitted", "future-done", "future-result"],
      ...["same done", "same result", "empty", "finishing", "finished"],
    ]);
  });
}

Deno.test("Submission.settled never settles inside submit()", async () => {
  const { scheduler, task, executor } = manually(changing(() => ({ settled: { result: 7 } })));
  let depth = 0;
  let deepest = 0;
  task.onResult(() => {
    depth++;
    deepest = Math.max(deepest, depth);
    if (task.submissionCount < 5_000) task.submit(1);
    depth--;
  });
  await during(scheduler, () => void task.submit(1));
  assertEquals([task.eventCounts.result, deepest, executor.calls.length], [5_000, 1, 0]);
});

Deno.test("Submission.settled waits for futures and after, and can be cancelled", async () => {
  const gate = Promise.withResolvers<void>();
  const { scheduler, task, executor } = manually(
    changing(() => ({ settled: { result: 7 } })),
    changing(() => ({ after: gate.promise })),
  );
  await during(scheduler, async () => {
    const needed = scheduler.submit(() => 5);
    const [kept, cancelled] = [task.submit(needed), task.submit(1)];
    gate.resolve();
    await turn();
    await turn();
    assertEquals([kept?.state, cancelled?.result], ["pending", 7]);
    executor.calls[0]?.succeed(5);
    assertEquals(await kept, 7);
    const last = task.submit(2);
    assertEquals([last?.cancel(), await outcomeOf(last)], [true, last?.exception]);
  });
});

// --- preSettle

Deno.test("preSettle() is asked before future-done, with the outcome", async () => {
  const asked: unknown[] = [];
  const { scheduler, executor, task } = manually(settling((future, outcome) => {
    asked.push([future.done, scheduler.eventCounts["future-done"], outcome]);
  }));
  await during(scheduler, () => {
    for (const n of [1, 2, 3]) task.submit(n);
    const error = new RangeError("no");
    executor.calls[0]?.succeed(10);
    executor.calls[1]?.fail(error);
    [...task.queue][0]?.cancel();
    assertEquals(asked, [[false, 0, { result: 10 }], [false, 1, { exception: error }]]);
  }, { onException: "ignore" });
});

Deno.test("preSettle() holds the end of a call, which is running", async () => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const order: string[] = [];
  const { scheduler, executor, task } = manually(
    ...gates.map(({ promise }, index) =>
      settling(() => {
        order.push(`asked ${index}`);
        return promise;
      }, `settling ${index}`)
    ),
  );
  scheduler.onFutureDone(() => order.push("done"));
  await during(scheduler, async () => {
    const future = task.submit(1);
    executor.calls[0]?.succeed(2);
    const states: (FutureState | undefined)[] = [future?.state];
    gates[0]?.resolve();
    await turn();
    states.push(future?.state);
    order.push("second");
    gates[1]?.resolve();
    assertEquals(await future, 2);
    assertEquals(states, ["running", "running"]);
  });
  assertEquals(order, ["asked 0", "asked 1", "second", "done"]);
});

Deno.test("preSettle() that fails is judged, and its call settles", async () => {
  const error = new RangeError("no");
  const wrong: [answer: () => unknown, message?: string][] = [
    [() => {
      throw error;
    }],
    [() => Promise.reject(error)],
    [() => ({ retry: Promise.reject(error) })],
    [
      () => 5,
      "preSettle() of settling must return nothing, a promise or { retry: promise }, not 5",
    ],
    [() => ({ retry: true }), "preSettle() of settling must return nothing, a promise or"],
    [() => null, "not null"],
    [
      () => Promise.resolve({ retry: Promise.resolve() }),
      "preSettle() of settling must return { retry } itself, not a promise of it",
    ],
  ];
  for (const [answer, message] of wrong) {
    for (const outcome of ["succeed", "fail"] as const) {
      const { scheduler, executor, task } = manually(
        settling(answer as never),
        settling((_future, outcome) => void others.push(outcome)),
      );
      const others: CallOutcome[] = [];
      const futures: unknown[] = [];
      scheduler.onStart(() => {
        futures.push(task.submit(1));
        executor.calls[0]?.[outcome]("outcome");
      });
      const options: RunOptions = { onException: { tasks: "ignore", run: "raise" } };
      const raised = await scheduler.run(options).catch((reason) => reason);
      if (message === undefined) assertStrictEquals(raised, error);
      else assert(raised instanceof TypeError && raised.message.includes(message), String(raised));
      const [future] = futures as Future[];
      assertEquals(outcome === "succeed" ? future?.result : future?.exception, "outcome");
      assertEquals([task.eventCounts.done, others.length], [1, 1]);
    }
  }
});

Deno.test("preSettle() has a call tried again when retry fulfils", async () => {
  const gates: PromiseWithResolvers<void>[] = [];
  const later: number[] = [];
  const { scheduler, executor, task } = manually(
    settling((_future, outcome) => {
      if ("result" in outcome) return;
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      return { retry: gate.promise };
    }),
    settling((future) => void later.push(future.id)),
  );
  const trace = traceOf(scheduler, task);
  await during(scheduler, async () => {
    const future = task.submit(1);
    executor.calls[0]?.started();
    const first = future?.startedAt;
    executor.calls[0]?.fail(new RangeError("no"));
    assertEquals([future?.state, future?.startedAt, task.runningCount], ["pending", first, 1]);
    await turn();
    assertEquals(executor.calls.length, 1);
    gates[0]?.resolve();
    await turn();
    assertStrictEquals(executor.calls[1], executor.calls[0]);
    executor.calls[1]?.started();
    assert((future?.startedAt ?? 0) > (first ?? Infinity));
    executor.calls[1]?.succeed(2);
    assertEquals(await future, 2);
    assertEquals(later, [future?.id]);
  });
  assertEquals(trace.filter((event) => /same|future/.test(event)), [
    ...["future-submitted", "same submitted", "future-done", "future-result"],
    ...["same done", "same result"],
  ]);
});

for (const [name, make] of Object.entries(SCHEDULERS)) {
  Deno.test(`preSettle() tries calls again on real workers (${name})`, async () => {
    const scheduler = make();
    let left = 3;
    const again = settling((_future, outcome) =>
      "exception" in outcome && left-- > 0 ? { retry: turn() } : undefined
    );
    const fails = scheduler.task((n: number, extra: number) => {
      throw new RangeError(`${n + extra}`);
    }, { plugins: again });
    await during(scheduler, async () => {
      const future = fails.submit(1, scheduler.submit(same, 2));
      assertEquals(String(await outcomeOf(future)), "RangeError: 3");
    }, { onException: "ignore" });
    assertEquals([left, fails.eventCounts.exception], [-1, 1]);
  });
}

Deno.test("preSettle() tries a call whose worker was lost again", async () => {
  const scheduler = Scheduler.withProcesses(1, BATCH);
  const attempts = new Map<number, number>();
  const again = settling((future, outcome) => {
    const count = (attempts.get(future.id) ?? 0) + 1;
    attempts.set(future.id, count);
    const isLost = "exception" in outcome && outcome.exception instanceof WorkerLostError;
    return isLost && count < 3 ? { retry: Promise.resolve() } : undefined;
  });
  const task = scheduler.task(() => Deno.exit(3), { plugins: again });
  await during(scheduler, async () => {
    const future = task.submit();
    await assertRejects(() => Promise.resolve(future as Future), WorkerLostError);
    assertEquals(attempts.get(future?.id ?? 0), 3);
  }, { onException: "ignore" });
});

Deno.test("Future.cancel() ends what preSettle() holds", async () => {
  for (const retries of [false, true]) {
    const gate = Promise.withResolvers<void>();
    const { scheduler, executor, task } = manually(
      settling(() => retries ? { retry: gate.promise } : gate.promise),
    );
    await during(scheduler, async () => {
      const future = task.submit(1);
      executor.calls[0]?.succeed(2);
      assertEquals(future?.cancel(), true);
      gate.resolve();
      await turn();
      assertEquals([future?.state, executor.calls.length, executor.cancelled], [
        "cancelled",
        1,
        [],
      ]);
      assertEquals([task.eventCounts.done, task.eventCounts.cancelled], [0, 1]);
    });
  }
});

Deno.test("A run that ends waits for preSettle() as for running calls", async () => {
  const expected = { true: "done", all: "done", false: "cancelled", 0: "cancelled" };
  for (const [name, state] of Object.entries(expected)) {
    const wait = ({ true: true, all: "all", false: false, 0: 0 } as const)[name as "all"];
    const gate = Promise.withResolvers<void>();
    const { scheduler, executor, task } = manually(settling(() => gate.promise));
    const futures: unknown[] = [];
    scheduler.onStart(() => {
      futures.push(task.submit(1));
      executor.calls[0]?.succeed(2);
    });
    const run = scheduler.run({ wait });
    scheduler.stop();
    await turn();
    if (state === "done") gate.resolve();
    await run;
    assertEquals((futures as Future[]).map((future) => future.state), [state as FutureState], name);
  }
});

Deno.test("A run that ends cancels what waits for its retry", async () => {
  for (const wait of [true, false, 0] as const) {
    for (const when of ["before", "after"]) {
      const { scheduler, executor, task } = manually(
        settling(() => ({ retry: new Promise<void>(() => {}) })),
      );
      scheduler.onStart(() => {
        task.submit(1);
        executor.calls[0]?.started();
        if (when === "before") executor.calls[0]?.fail(new RangeError("no"));
      });
      const run = scheduler.run({ wait });
      scheduler.stop();
      await turn();
      if (when === "after") executor.calls[0]?.fail(new RangeError("no"));
      await run;
      assertEquals(task.eventCounts.cancelled, 1, `${wait} ${when}`);
    }
  }
});

Deno.test("wait: all lets calls be tried again", async () => {
  let isFirst = true;
  const { scheduler, executor, task } = manually(settling(() => {
    if (!isFirst) return;
    isFirst = false;
    return { retry: turn() };
  }));
  scheduler.onStart(() => void task.submit(1));
  const run = scheduler.run({ wait: "all" });
  scheduler.stop();
  executor.calls[0]?.fail(new RangeError("no"));
  while (executor.calls.length < 2) await turn();
  executor.calls[1]?.succeed(2);
  await run;
  assertEquals(task.eventCounts.result, 1);
});

Deno.test("preSettle() is asked about failed arguments and settled results", async () => {
  const asked: CallOutcome[] = [];
  const { scheduler, executor, task } = manually(
    settling((_future, outcome) => void asked.push(outcome)),
    changing(({ args }) => args[0] === 1 ? { settled: { result: 7 } } : {}),
  );
  const error = new RangeError("no");
  await during(scheduler, async () => {
    const bad = scheduler.submit(() => 1);
    const futures = [task.submit(bad), task.submit(1)];
    executor.calls[0]?.fail(error);
    await Promise.all(futures.map(outcomeOf));
    assertStrictEquals(futures[0]?.exception, error);
  }, { onException: "ignore" });
  assertEquals(asked, [{ exception: error }, { result: 7 }]);
});

Deno.test("preSettle() cannot retry what moved a buffer or was not sent", async () => {
  const asked: boolean[] = [];
  const retries = settling((_future, outcome, canRetry) => {
    asked.push(canRetry);
    // Nobody waits for it: a rejection must not be an unhandled one.
    return "exception" in outcome ? { retry: Promise.reject(new TypeError("a bug")) } : undefined;
  });
  const { scheduler, executor, task } = manually(
    retries,
    changing(({ args }) => args[0] === 3 ? { after: Promise.reject(new RangeError("no")) } : {}),
  );
  await during(scheduler, async () => {
    const bad = scheduler.submit(same, 0);
    const { buffer } = new Uint8Array(8);
    const futures = [
      task.with({ transfer: [buffer] }).submit(1),
      task.submit(bad),
      task.submit(3),
      task.submit(4),
    ];
    for (const call of executor.calls.splice(0, 2)) call.fail(new RangeError("no"));
    executor.calls[0]?.succeed(5);
    const outcomes = await Promise.all(futures.map(outcomeOf));
    assertEquals(outcomes.map(String), [...Array(3).fill("RangeError: no"), "5"]);
  }, { onException: "ignore" });
  assertEquals(asked.toSorted(), [false, false, false, true]);
});

Deno.test("Hooks run in the async context of submit()", async () => {
  const storage = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const { scheduler, executor, task } = manually(
    settling(() => {
      seen.push(storage.getStore());
      return turn();
    }),
    settling(() => void seen.push(storage.getStore())),
  );
  task.onResult(() => seen.push(storage.getStore()));
  await during(scheduler, async () => {
    const future = storage.run("mine", () => task.submit(1));
    executor.calls[0]?.succeed(2);
    await future;
  });
  assertEquals(seen, ["mine", "mine", "mine"]);
});

// --- wrong values

Deno.test("preSubmit() with a wrong hold is refused by submit()", async () => {
  const wrong: [change: object, message: string][] = [
    [{ after: 5 }, "preSubmit() of changing must set after to a promise, not to 5"],
    [{ after: null }, "after to a promise, not to null"],
    [{ after: () => {} }, "after to a promise, not to function after"],
    [{ settled: 5 }, "preSubmit() of changing must set settled to { result: … }, not to 5"],
    [{ settled: null }, "settled to { result: … }, not to null"],
    [{ settled: {} }, "settled to { result: … }"],
    [{ settled: { value: 1 } }, "settled to { result: … }"],
  ];
  for (const [change, message] of wrong) {
    const { scheduler, task } = manually(changing(() => change));
    await during(scheduler, () => void assertThrows(() => task.submit(1), TypeError, message));
    assertEquals(scheduler.eventCounts["future-submitted"], 0);
  }
});

Deno.test("task() refuses a misspelt preSettle", () => {
  for (const member of ["presettle", "pre_settle", "PreSettle"]) {
    const plugin = { name: "mine", [member]: () => {} };
    assertThrows(
      () => Scheduler.withSequential().task(same, { plugins: plugin }),
      TypeError,
      `has a member ${member}, which is never called: the hook is preSettle`,
    );
  }
});
