// The messages of calls, the same on every executor.
import {
  type AnyPlugin,
  Comm,
  CommClosedError,
  type ExitState,
  type Future,
  FutureCancelledError,
  type RunOptions,
  Scheduler,
  type Submission,
  type WorkerComm,
} from "@amltk/scheduling";
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { during } from "../fixtures/during.ts";
import { ManualExecutor } from "../fixtures/manual_executor.ts";
import { traceOf } from "../fixtures/trace.ts";

type Talk = {
  sent: unknown;
  asked: unknown;
  answered: unknown;
  received: unknown;
};
type TalkComm = WorkerComm<Talk>;

const EXECUTORS: readonly [name: string, make: (count: number) => Scheduler][] = [
  ["sequential", () => Scheduler.withSequential()],
  ["workers", (count) => Scheduler.withWorkers(count)],
  ["processes", (count) => Scheduler.withProcesses(count)],
];

/** Waits for an event of a task; the run must not end before. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

for (const [executor, make] of EXECUTORS) {
  Deno.test(`${executor}: Comm delivers messages in order, before the end`, async () => {
    const scheduler = make(1);
    const task = scheduler.task((comm: TalkComm, count: number) => {
      for (let n = 0; n < count; n++) comm.send(n);
      return count;
    }, { plugins: new Comm() });
    const seen: unknown[] = [];
    task.on("comm-message", (_future, n) => seen.push(n));
    task.on("comm-close", () => seen.push("close"));
    task.onDone(() => seen.push("done"));
    await during(scheduler, () => void task.submit(20_000));
    assertEquals(seen, [...Array.from({ length: 20_000 }, (_, n) => n), "close", "done"]);
  });

  Deno.test(`${executor}: Comm emits open, messages and close before done`, async () => {
    const scheduler = make(1);
    const task = scheduler.task((comm: TalkComm) => {
      comm.send(1);
      comm.progress(0.5, "half");
    }, { name: "talk", plugins: new Comm() });
    const trace = traceOf(scheduler, task);
    const done: boolean[] = [];
    task.on("comm-close", (future) => done.push(future.done));
    await during(scheduler, () => void task.submit());
    assertEquals(trace.filter((event) => event.startsWith("talk") || event === "future-done"), [
      "talk submitted",
      "talk comm-open",
      "talk comm-message",
      "talk comm-progress",
      "talk comm-close",
      "future-done",
      "talk done",
      "talk result",
    ]);
    assertEquals(done, [false]);
  });

  Deno.test(`${executor}: Comm closes when the function throws`, async () => {
    const scheduler = make(1);
    const task = scheduler.task((comm: TalkComm) => {
      comm.send("before");
      throw new RangeError("thrown");
    }, { name: "talk", plugins: new Comm() });
    const trace = traceOf(scheduler, task);
    await during(scheduler, () => void task.submit(), { onException: "ignore" });
    assertEquals(trace.filter((event) => event.startsWith("talk")), [
      "talk submitted",
      "talk comm-open",
      "talk comm-message",
      "talk comm-close",
      "talk done",
      "talk exception",
    ]);
  });

  Deno.test(`${executor}: Comm passes progress and its message`, async () => {
    const scheduler = make(1);
    const task = scheduler.task((comm: TalkComm) => {
      const wrong: [unknown, unknown?][] = [[2], [-1], [NaN], ["1"], [0.5, 1]];
      const names = wrong.map(([fraction, message]) => {
        try {
          comm.progress(fraction as number, message as string);
          return "none";
        } catch (error) {
          return (error as Error).name;
        }
      });
      comm.progress(0);
      comm.progress(1, "all");
      return names;
    }, { plugins: new Comm() });
    const seen: unknown[] = [];
    task.on("comm-progress", (_future, ...progress) => seen.push(progress));
    const names = await during(scheduler, () => task.submit());
    assertEquals(seen, [[0, undefined], [1, "all"]]);
    assertEquals(names, ["RangeError", "RangeError", "RangeError", "TypeError", "TypeError"]);
  });

  Deno.test(`${executor}: request() resolves with the answer, late or at once`, async () => {
    const scheduler = make(1);
    const task = scheduler.task(async (comm: TalkComm) => {
      const answers = [
        await comm.request(1),
        ...await Promise.all([comm.request(2), comm.request(3)]),
      ];
      return answers;
    }, { plugins: new Comm() });
    task.on("comm-request", async (_future, n, respond) => {
      if (n === 2) await turn();
      assertEquals(respond(Number(n) * 10), true);
    });
    assertEquals(await during(scheduler, () => task.submit()), [10, 20, 30]);
  });

  Deno.test(`${executor}: request() rejects at once when nobody listens`, async () => {
    const scheduler = make(1);
    const task = scheduler.task((comm: TalkComm) => comm.request("hello?"), {
      plugins: new Comm(),
    });
    await during(
      scheduler,
      () => assertRejects(() => task.submit(), TypeError, "comm-request"),
      { onException: "ignore" },
    );
  });

  Deno.test(`${executor}: request() rejects after its timeout`, async () => {
    const scheduler = make(1);
    const task = scheduler.task(async (comm: TalkComm) => {
      const late = await comm.request(1, { timeout: 20 }).catch((error: Error) => error.name);
      const wrong = await comm.request(2, { timeout: -1 }).catch((error: Error) => error.name);
      const unknown = await comm.request(2, { time: 1 } as never).catch((error) => error.message);
      return [late, wrong, unknown, await comm.request(3, { timeout: 60_000 })];
    }, { plugins: new Comm() });
    const responds: ((answer: unknown) => boolean)[] = [];
    task.on("comm-request", (_future, n, respond) => {
      responds.push(respond);
      if (n === 3) respond("in time");
    });
    const answers = await during(scheduler, () => task.submit());
    assertEquals(answers, [
      "TimeoutError",
      "RangeError",
      'request() has no option "time": it has timeout',
      "in time",
    ]);
    assertEquals(responds.map((respond) => attempt(() => respond("too late"))), [
      false,
      "TypeError",
    ]);
  });

  Deno.test(`${executor}: respond() throws the second time`, async () => {
    const scheduler = make(1);
    const task = scheduler.task((comm: TalkComm) => comm.request("?"), { plugins: new Comm() });
    const outcomes: unknown[] = [];
    task.on("comm-request", (_future, _data, respond) => {
      outcomes.push(respond("first"), attempt(() => respond("second")));
    });
    assertEquals(await during(scheduler, () => task.submit()), "first");
    assertEquals(outcomes, [true, "TypeError"]);
  });

  Deno.test(`${executor}: Comm.send() reaches a waiting function in order`, async () => {
    const comm = new Comm();
    const scheduler = make(1);
    const task = scheduler.task(async (comm: TalkComm) => {
      const received: unknown[] = [];
      for await (const data of comm) {
        if (data === "end") break;
        received.push(data);
      }
      for await (const data of comm) {
        received.push(data);
        break;
      }
      return received;
    }, { plugins: comm });
    task.on("comm-open", async (future) => {
      for (let n = 0; n < 5; n++) {
        if (n % 2 === 0) await turn();
        assertEquals(comm.send(future, n), true);
      }
      for (const data of ["end", "second loop"]) comm.send(future, data);
    });
    const future = await during(scheduler, async () => {
      const future = task.submit();
      assertEquals(comm.send(future, "too early"), false);
      await future;
      return [future];
    });
    assertEquals(future[0]?.result, [0, 1, 2, 3, 4, "second loop"]);
    assertEquals(comm.send(future[0] as Future, "too late"), false);
    assertThrows(() => comm.send({} as Future, 1), TypeError, "future");
  });

  Deno.test(`${executor}: cancel({ grace }) lets the function end by itself`, async () => {
    const scheduler = make(1);
    const task = scheduler.task(async (comm: TalkComm) => {
      const { signal } = comm;
      comm.send("ready");
      if (!signal.aborted) {
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      }
      return [signal.aborted, signal.reason];
    }, { plugins: new Comm() });
    const outcomes: boolean[] = [];
    task.on("comm-message", (future) => {
      outcomes.push(future.cancel({ grace: 60_000, reason: "enough" }));
    });
    assertEquals(await during(scheduler, () => task.submit()), [true, "enough"]);
    assertEquals(outcomes, [true]);
    assertEquals(task.eventCounts.cancelled, 0);
  });

  Deno.test(`${executor}: a function that never yields sees abort and reason`, async () => {
    const scheduler = make(1);
    const task = scheduler.task((comm: TalkComm) => {
      comm.send("ready");
      while (!comm.signal.aborted);
      return comm.signal.reason;
    }, { plugins: new Comm() });
    task.on("comm-message", (future) => {
      future.cancel({ grace: 60_000, reason: { why: new DOMException("a better one", "Found") } });
    });
    const { why } = await during(scheduler, () => task.submit());
    assert(why instanceof DOMException);
    assertEquals([why.name, why.message], ["Found", "a better one"]);
  });

  Deno.test(`${executor}: cancel({ grace }) keeps the result at comm-close`, async () => {
    const scheduler = make(1);
    const task = scheduler.task((_comm: TalkComm) => "ended", { plugins: new Comm() });
    const outcomes: boolean[] = [];
    task.on("comm-close", (future) => outcomes.push(future.cancel({ grace: 60_000 })));
    assertEquals(await during(scheduler, () => task.submit()), "ended");
    assertEquals(outcomes, [true]);
  });

  Deno.test(`${executor}: cancel({ grace }) cancels what does not end in time`, async () => {
    const scheduler = make(1);
    const task = scheduler.task((comm: TalkComm) => {
      comm.send("ready");
      return new Promise(() => {});
    }, { name: "talk", plugins: new Comm() });
    const trace = traceOf(scheduler, task);
    task.on("comm-message", (future) => future.cancel({ grace: 10, reason: "too slow" }));
    const error = await during(
      scheduler,
      () => assertRejects(() => task.submit(), FutureCancelledError),
    );
    assertEquals(error.cause, "too slow");
    assertEquals(trace.slice(trace.indexOf("talk comm-close"), -3), [
      "talk comm-close",
      "future-cancelled",
      "talk cancelled",
    ]);
  });

  Deno.test(`${executor}: a second cancel() ends the call at once`, async () => {
    const scheduler = make(1);
    const task = scheduler.task((comm: TalkComm) => {
      comm.send("ready");
      return new Promise(() => {});
    }, { plugins: new Comm() });
    const states: string[] = [];
    task.on("comm-message", (future) => {
      for (const options of [{ grace: 60_000 }, { grace: 60_000 }]) {
        future.cancel(options);
        states.push(future.state);
      }
    });
    await during(scheduler, () => void task.submit());
    assertEquals(states, ["running", "cancelled"]);
  });

  Deno.test(`${executor}: what a function throws after cancel({ grace }) counts`, async () => {
    const scheduler = make(1);
    const task = scheduler.task(async (comm: TalkComm) => {
      comm.send("ready");
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        comm.signal.throwIfAborted();
      }
    }, { plugins: new Comm() });
    task.on("comm-message", (future) => future.cancel({ grace: 60_000 }));
    const future = await during(scheduler, async () => {
      const future = task.submit();
      await future.catch(() => {});
      return [future];
    }, { onException: "ignore" });
    assertEquals([future[0]?.state, (future[0]?.exception as Error).name], ["done", "AbortError"]);
  });

  Deno.test(`${executor}: wait: ms aborts the signal at the end of a run`, async () => {
    const scheduler = make(1);
    const task = scheduler.task(async (comm: TalkComm) => {
      comm.send("ready");
      while (!comm.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 1));
      return (comm.signal.reason as Error).name;
    }, { plugins: new Comm() });
    task.on("comm-message", () => scheduler.stop());
    const future = await during(scheduler, () => [task.submit()], { wait: 60_000 });
    assertEquals(future[0]?.result, "AbortError");
  });

  for (const wait of [true, "all"] as const) {
    Deno.test(`${executor}: wait: ${wait} aborts no signal`, async () => {
      const comm = new Comm();
      const scheduler = make(1);
      const task = scheduler.task(async (comm: TalkComm) => {
        comm.send("ready");
        for await (const _ of comm) break;
        return comm.signal.aborted;
      }, { plugins: comm });
      task.on("comm-message", async (future) => {
        scheduler.stop();
        await scheduler.once("finishing");
        await turn();
        assertEquals(comm.send(future, "go on"), true);
      });
      const future = await during(scheduler, () => [task.submit()], { wait });
      assertEquals(future[0]?.result, false);
    });
  }

  for (const wait of [true, "all", 60_000] as const) {
    Deno.test(`${executor}: wait: ${wait} answers requests during the end`, async () => {
      const { exit, futures } = await endsWhileAsking(make(1), { wait }, async (respond) => {
        await turn();
        respond("late");
      });
      assertEquals([exit.code, futures[0]?.result], ["stopped", "late"]);
    });

    Deno.test(`${executor}: wait: ${wait} closes requests that nobody answers`, async () => {
      const { exit, futures } = await endsWhileAsking(make(1), { wait }, () => {});
      assertEquals(exit.code, "stopped");
      assert(futures[0]?.exception instanceof CommClosedError);
    });

    Deno.test(`${executor}: wait: ${wait} ends what waits for messages`, async () => {
      const scheduler = make(1);
      const task = scheduler.task(async (comm: TalkComm) => {
        comm.send("ready");
        const received: unknown[] = [];
        for await (const data of comm) received.push(data);
        return received;
      }, { plugins: new Comm() });
      task.on("comm-message", () => scheduler.stop());
      const future = await during(scheduler, () => [task.submit()], { wait });
      assertEquals(future[0]?.result, []);
    });
  }

  Deno.test(`${executor}: wait: false and aborts close requests at once`, async () => {
    const stopped = await endsWhileAsking(make(1), { wait: false }, () => {});
    assert(stopped.futures[0]?.exception instanceof FutureCancelledError);
    assertEquals(stopped.trace.slice(-4), [
      "talk comm-close",
      "future-cancelled",
      "talk cancelled",
      "finished",
    ]);
  });

  Deno.test(`${executor}: no callback that awaits the call keeps it waiting`, async () => {
    const scheduler = make(1);
    const task = scheduler.task((comm: TalkComm) => comm.request("?"), { plugins: new Comm() });
    task.on("comm-request", () => scheduler.stop());
    scheduler.onStart(async () => {
      await assertRejects(() => task.submit(), CommClosedError);
    });
    assertEquals((await scheduler.run()).code, "stopped");
  });

  Deno.test(`${executor}: callbacks of messages that throw end the run by policy`, async () => {
    const scheduler = make(1);
    const task = scheduler.task((comm: TalkComm) => {
      comm.send(1);
      return "done";
    }, { plugins: new Comm() });
    for (const event of ["comm-open", "comm-message", "comm-close"] as const) {
      task.on(event, () => {
        throw new RangeError(event);
      });
    }
    const futures = await during(scheduler, () => [task.submit()], { onException: "ignore" });
    assertEquals(futures[0]?.result, "done");
    const other = make(1);
    const throwing = other.task((comm: TalkComm) => comm.request(1), { plugins: new Comm() });
    throwing.on("comm-request", () => {
      throw new RangeError("in a callback");
    });
    other.onStart(() => void throwing.submit());
    await assertRejects(() => other.run(), RangeError, "in a callback");
  });

  Deno.test(`${executor}: a callback of comm-close may cancel the call`, async () => {
    const scheduler = make(1);
    const task = scheduler.task((_comm: TalkComm) => "done", { name: "talk", plugins: new Comm() });
    const trace = traceOf(scheduler, task);
    task.on("comm-close", (future) => future.cancel());
    await during(scheduler, () => void task.submit());
    assertEquals(trace.filter((event) => event.startsWith("talk")), [
      "talk submitted",
      "talk comm-open",
      "talk comm-close",
      "talk cancelled",
    ]);
  });

  Deno.test(`${executor}: Comm ends with its function`, async () => {
    const scheduler = make(1);
    const task = scheduler.task((comm: TalkComm, first: boolean) => {
      const kept = globalThis as unknown as { comm?: TalkComm };
      if (first) {
        kept.comm = comm;
        return [];
      }
      const { comm: old } = kept;
      delete kept.comm;
      const name = (act: () => unknown) => {
        try {
          act();
          return "none";
        } catch (error) {
          return (error as Error).name;
        }
      };
      return [name(() => old?.send(1)), name(() => old?.progress(1))];
    }, { plugins: new Comm() });
    const names = await during(scheduler, async () => {
      await task.submit(true);
      return await task.submit(false);
    });
    assertEquals(names, ["CommClosedError", "CommClosedError"]);
    assertEquals(task.eventCounts["comm-message"], 0);
  });
}

Deno.test("Comm refuses an executor that carries no messages", () => {
  const scheduler = new Scheduler(new ManualExecutor());
  assertThrows(
    () => scheduler.task((_comm: WorkerComm) => {}, { plugins: new Comm() }),
    TypeError,
    "ManualExecutor does not honour comm: use Scheduler.withWorkers()",
  );
});

Deno.test("Comm.send() refuses more than 65,536 unread messages", async () => {
  const comm = new Comm();
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task(async (comm: TalkComm) => {
    comm.send("ready");
    let count = 0;
    for await (const data of comm) {
      if (data === "last") break;
      count++;
    }
    return count;
  }, { plugins: comm });
  let refused: Error | undefined;
  task.on("comm-message", (future) => {
    for (let n = 0; n < 2 ** 16; n++) comm.send(future, n);
    refused = assertThrows(() => comm.send(future, "too many"), RangeError, "not read");
    setTimeout(() => comm.send(future, "last"), 0);
  });
  assertEquals(await during(scheduler, () => task.submit()), 2 ** 16);
  assert(refused?.message.includes("65536"));
});

Deno.test("cancel() refuses wrong options", async () => {
  const scheduler = Scheduler.withSequential();
  await during(scheduler, () => {
    const future = scheduler.submit(() => 1);
    assertThrows(() => future.cancel({ grace: -1 }), RangeError, "grace");
    assertThrows(() => future.cancel({ grace: "1" } as never), TypeError, "grace");
    assertThrows(() => future.cancel({ graces: 1 } as never), TypeError, "graces");
    assertEquals(future.cancel({ grace: 60_000, reason: "pending" }), true);
    assertEquals((future.exception as Error).cause, "pending");
  });
});

function attempt(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return (error as Error).name;
  }
}

for (
  const wrong of [
    () => {
      throw new RangeError("no listener");
    },
    () => undefined,
  ]
) {
  Deno.test(`A channel that is wrong fails its call: ${wrong}`, async () => {
    const scheduler = Scheduler.withSequential();
    const plugin: AnyPlugin = {
      name: "wrong",
      preSubmit: (submission: Submission) => ({ ...submission, channel: wrong as never }),
    };
    const task = scheduler.task(() => "never called", { plugins: plugin });
    const failed = await during(
      scheduler,
      () => task.submit()?.catch((error: Error) => error.message),
      { onException: "ignore" },
    );
    assertMatch(String(failed), /no listener|must return an object, not undefined/);
  });
}

interface Ended {
  readonly exit: ExitState;
  readonly futures: readonly Future[];
  readonly trace: readonly string[];
}

/** Stops a run while a function waits for an answer. */
async function endsWhileAsking(
  scheduler: Scheduler,
  options: RunOptions,
  answer: (respond: (answer: unknown) => boolean) => unknown,
): Promise<Ended> {
  const task = scheduler.task((comm: TalkComm) => comm.request("?"), {
    name: "talk",
    plugins: new Comm(),
  });
  const trace = traceOf(scheduler, task);
  const futures: Future[] = [];
  task.on("comm-request", (_future, _data, respond) => {
    scheduler.stop();
    return answer(respond);
  });
  scheduler.onStart(() => void futures.push(task.submit() as Future));
  return { exit: await scheduler.run(options), futures, trace };
}
