// What becomes of the messages of a call when its worker ends, or is to end.
import {
  Comm,
  FutureCancelledError,
  type RunOptions,
  Scheduler,
  WallTimeLimitError,
  type WorkerComm,
  WorkerLostError,
} from "@amltk/scheduling";
import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { leftBehind } from "../../tools/remains.ts";
import { actWhen } from "../fixtures/act_when.ts";
import { blockUntil } from "../fixtures/block_until.ts";
import { during } from "../fixtures/during.ts";
import { runFixture } from "../fixtures/run_fixture.ts";
import { traceOf } from "../fixtures/trace.ts";

type TalkComm = WorkerComm<
  { sent: unknown; asked: unknown; answered: unknown; received: unknown }
>;

const EXECUTORS: readonly [name: string, make: (count: number) => Scheduler][] = [
  ["workers", (count) => Scheduler.withWorkers(count)],
  ["processes", (count) => Scheduler.withProcesses(count)],
];

/** Ways in which a function ends its worker right after its last message, and what is reported. */
const DEATHS: Readonly<Record<string, readonly [way: () => unknown, reason: string]>> = {
  "Deno.exit()": [() => Deno.exit(3), "exit"],
  "process.exit()": [async () => (await import("node:process")).default.exit(4), "exit"],
  "self.close()": [() => {
    self.close();
    return new Promise(() => {});
  }, "close"],
  "an error in a timer": [() => {
    setTimeout(() => {
      throw new Error("in a timer");
    }, 0);
    return new Promise(() => {});
  }, "uncaught-error"],
  "an unhandled rejection": [() => {
    Promise.reject(new Error("rejected"));
    return new Promise(() => {});
  }, "uncaught-error"],
};

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);
const COUNT = 600;

function spend(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

for (const [executor, make] of EXECUTORS) {
  for (const [name, [way, reason]] of Object.entries(DEATHS)) {
    for (const isSlow of [false, true]) {
      const callbacks = isSlow ? "slow callbacks" : "quick ones";
      Deno.test(`${executor}: no message is lost at ${name} with ${callbacks}`, async () => {
        const scheduler = make(1);
        const dies = scheduler.task((comm: TalkComm, count: number, source: string) => {
          const way = (0, eval)(`(${source})`);
          for (let n = 0; n < count; n++) comm.send(n);
          comm.progress(1);
          return way();
        }, { name: "dies", plugins: new Comm() });
        const next = scheduler.task((comm: TalkComm) => comm.send("next"), { plugins: new Comm() });
        const seen: unknown[] = [];
        dies.on("comm-message", (_future, n) => {
          seen.push(n);
          if (isSlow) spend(1);
        });
        const trace = traceOf(scheduler, dies);
        scheduler.onStart(() => {
          dies.submit(COUNT, String(way));
          next.submit();
        });
        let error: unknown;
        dies.onException((_future, thrown) => error = thrown);
        const exit = await scheduler.run({ onException: { tasks: "ignore", run: "raise" } });
        assertEquals(exit, { code: "exhausted", runaways: 0 });
        assertInstanceOf(error, WorkerLostError);
        assertEquals(error.reason, reason, error.message);
        assertEquals(seen, numbers(COUNT));
        const last = trace.filter((event) =>
          event.startsWith("dies") && !event.endsWith("message")
        );
        assertEquals(last, [
          "dies submitted",
          "dies comm-open",
          "dies comm-progress",
          "dies comm-close",
          "dies done",
          "dies exception",
        ]);
        assertEquals([next.eventCounts["comm-message"], next.eventCounts.result], [1, 1]);
        assertEquals(await leftBehind(), []);
      });
    }
  }

  Deno.test(`${executor}: no message is lost before a result, with slow callbacks`, async () => {
    const scheduler = make(2);
    const talks = scheduler.task((comm: TalkComm, count: number) => {
      for (let n = 0; n < count; n++) comm.send(n);
      return count;
    }, { plugins: new Comm() });
    const plain = scheduler.task((n: number) => n);
    const seen: unknown[] = [];
    talks.on("comm-message", (_future, n) => {
      seen.push(n);
      spend(1);
      // Another worker gets calls, so that the pool looks at all of them.
      plain.submit(1);
    });
    talks.onResult((_future, count) => seen.push(`all ${count}`));
    // Fewer than a worker may be ahead, so that the function has ended before most are read.
    await during(scheduler, () => talks.submit(200));
    assertEquals(seen, [...numbers(200), "all 200"]);
  });

  Deno.test(`${executor}: a call that is cancelled while it talks leaves nothing`, async () => {
    const scheduler = make(2);
    const talks = scheduler.task((comm: TalkComm) => {
      for (let n = 0;; n++) comm.send(n);
    }, { plugins: new Comm() });
    const next = scheduler.task((comm: TalkComm) => comm.request("?"), { plugins: new Comm() });
    talks.on("comm-message", (future) => {
      spend(1);
      if (talks.eventCounts["comm-message"] === 500) future.cancel();
    });
    next.on("comm-request", (_future, _question, respond) => respond("answer"));
    const answer = await during(scheduler, async () => {
      const future = talks.submit();
      await assertRejects(() => future as unknown as Promise<void>, FutureCancelledError);
      return await next.submit();
    });
    assertEquals([answer, talks.eventCounts["comm-close"]], ["answer", 1]);
    assertEquals(await leftBehind(), []);
  });

  Deno.test(`${executor}: a limit ends a function that talks without a pause`, async () => {
    const scheduler = make(1);
    const talks = scheduler.task((comm: TalkComm) => {
      for (let n = 0;; n++) comm.send(n);
    }, { plugins: new Comm() });
    talks.on("comm-message", () => spend(1));
    await during(scheduler, async () => {
      const future = talks.with({ limits: { wallTime: 100 } }).submit();
      await assertRejects(() => future as unknown as Promise<void>, WallTimeLimitError);
    }, { onException: { tasks: "ignore", run: "raise" } });
    assertEquals(await leftBehind(), []);
  });

  Deno.test(`${executor}: timers fire while functions talk without a pause`, async () => {
    const scheduler = make(2);
    const talks = scheduler.task((comm: TalkComm) => {
      for (let n = 0;; n++) comm.send(n);
    }, { plugins: new Comm() });
    let seen = 0;
    talks.on("comm-message", () => {
      seen++;
      spend(1);
    });
    scheduler.onStart(() => {
      for (let n = 0; n < 4; n++) talks.submit();
      actWhen(scheduler, () => seen > 300, scheduler.stop);
    });
    const exit = await scheduler.run({ wait: false });
    assertEquals(exit, { code: "stopped", runaways: 0 });
    // More would be unread messages that are handled before a timer.
    assert(seen < 1000, `${seen}`);
    assertEquals(await leftBehind(), []);
  });

  Deno.test(`${executor}: a callback of messages that throws ends the run`, async () => {
    const scheduler = make(2);
    const talks = scheduler.task((comm: TalkComm) => {
      for (let n = 0;; n++) comm.send(n);
    }, { plugins: new Comm() });
    const failure = new Error("thrown by a callback");
    talks.on("comm-message", () => {
      throw failure;
    });
    scheduler.onStart(() => {
      for (let n = 0; n < 3; n++) talks.submit();
    });
    const error = await assertRejects(() => scheduler.run({ wait: false }), Error);
    assertEquals(error, failure);
    assertEquals(await leftBehind(), []);
  });

  Deno.test(`${executor}: a callback that throws loses no message`, async () => {
    const scheduler = make(1);
    const talks = scheduler.task(async (comm: TalkComm, count: number) => {
      for (let n = 0; n < count; n++) comm.send(n);
      return await comm.request("last");
    }, { plugins: new Comm() });
    talks.on("comm-message", () => {
      throw new Error("thrown by a callback");
    });
    talks.on("comm-request", (_future, _question, respond) => {
      respond("answer");
      throw new Error("thrown after the answer");
    });
    const answer = await during(scheduler, () => talks.submit(500), { onException: "ignore" });
    assertEquals([answer, talks.eventCounts["comm-message"]], ["answer", 500]);
  });

  Deno.test(`${executor}: a call whose worker is replaced has messages of its own`, async () => {
    const options = { maxCallsPerWorker: 1 };
    const scheduler = executor === "workers"
      ? Scheduler.withWorkers(2, { ...options })
      : Scheduler.withProcesses(2, options);
    const comm = new Comm();
    const task = scheduler.task(async (comm: TalkComm, n: number) => {
      comm.send(n);
      for await (const message of comm) return [n, message];
      return undefined;
    }, { plugins: comm });
    task.on("comm-message", (future, n) => {
      assertEquals(future.args, [n]);
      comm.send(future, `to ${n}`);
    });
    const results = await during(
      scheduler,
      () => Promise.all(numbers(8).map((n) => task.submit(n))),
    );
    assertEquals(results, numbers(8).map((n) => [n, `to ${n}`]));
    assertEquals(await leftBehind(), []);
  });

  Deno.test(`${executor}: a request times out whatever clock a task has left`, async () => {
    const scheduler = make(1);
    const fakes = scheduler.task(() => {
      Object.assign(globalThis, { setTimeout: () => 0, clearTimeout: () => {} });
    });
    const asks = scheduler.task(
      (comm: TalkComm) => comm.request("?", { timeout: 10 }).catch((error) => error.name),
      { plugins: new Comm() },
    );
    asks.on("comm-request", () => {});
    const result = await during(scheduler, async () => {
      await fakes.submit();
      return await asks.submit();
    });
    assertEquals(result, "TimeoutError");
  });
}

Deno.test("processes: a killed process loses no message before its answered one", async () => {
  const scheduler = Scheduler.withProcesses(1);
  const dies = scheduler.task(async (comm: TalkComm, count: number) => {
    for (let n = 0; n < count; n++) comm.send(n);
    return await comm.request(Deno.pid);
  }, { plugins: new Comm() });
  const next = scheduler.task((comm: TalkComm) => comm.send("next"), { plugins: new Comm() });
  const seen: unknown[] = [];
  dies.on("comm-message", (_future, n) => seen.push(n));
  dies.on("comm-request", (_future, pid) => Deno.kill(pid as number, "SIGKILL"));
  const error = await during(scheduler, async () => {
    const error = await dies.submit(COUNT).catch((error) => error);
    await next.submit();
    return error;
  }, { onException: { tasks: "ignore", run: "raise" } });
  assertInstanceOf(error, WorkerLostError);
  assertEquals([error.reason, seen, dies.eventCounts["comm-close"]], ["killed", numbers(COUNT), 1]);
  assertEquals(next.eventCounts["comm-message"], 1);
});

Deno.test("processes: messages before a crash arrive, as far as they were written", async () => {
  const scheduler = Scheduler.withProcesses(1, { memory: "64 MiB" });
  const dies = scheduler.task((comm: TalkComm) => {
    const hoard: number[][] = [];
    for (let n = 0;; n++) {
      comm.send(n);
      hoard.push(new Array(20_000).fill(0.5));
    }
  }, { plugins: new Comm() });
  const seen: unknown[] = [];
  dies.on("comm-message", (_future, n) => {
    seen.push(n);
    spend(1);
  });
  const error = await during(
    scheduler,
    () => (dies.submit() as unknown as Promise<void>).catch((error) => error),
    { onException: { tasks: "ignore", run: "raise" } },
  );
  assertInstanceOf(error, WorkerLostError);
  assert(seen.length > 10, `${seen.length}`);
  assertEquals(seen, numbers(seen.length));
});

Deno.test("workers: a blocked function that is cancelled gets CommClosedError", async () => {
  const scheduler = Scheduler.withWorkers(1);
  const note = new Int32Array(new SharedArrayBuffer(8));
  const talks = scheduler.task((comm: TalkComm, note: Int32Array) => {
    try {
      for (;;) {
        comm.send(0);
        Atomics.add(note, 0, 1);
      }
    } catch (error) {
      Atomics.store(note, 1, (error as Error).name === "CommClosedError" ? 1 : 2);
    }
  }, { plugins: new Comm() });
  talks.on("comm-open", (future) => {
    // This thread reads nothing meanwhile.
    blockUntil(() => Atomics.load(note, 0) === 256);
    spend(200);
    future.cancel();
  });
  scheduler.onStart(() => {
    talks.submit(note);
  });
  const exit = await scheduler.run();
  assertEquals(exit.runaways, 0);
  assertEquals([Atomics.load(note, 0), Atomics.load(note, 1)], [256, 1]);
});

Deno.test("workers: the limit that ends a call that waits to send is its error", async () => {
  const { stdout, stderr } = await runFixture("stalls_at_wakes.ts");
  assertEquals([stdout, stderr], ["WallTimeLimitError\n", ""]);
});

// --- the end of a run

const WAITS: readonly RunOptions["wait"][] = [true, "all", false, 60_000];

/** How a request that waits is ended, and what becomes of its call under each wait. */
const ENDS: Readonly<Record<string, (scheduler: Scheduler, abort: AbortController) => void>> = {
  "stop()": (scheduler) => scheduler.stop(),
  "an abort": (_scheduler, abort) => abort.abort(new Error("aborted")),
};

for (const [executor, make] of EXECUTORS) {
  for (const wait of WAITS) {
    for (const [name, end] of Object.entries(ENDS)) {
      Deno.test(`${executor}: ${name} ends a waiting request, wait ${wait}`, async () => {
        const scheduler = make(2);
        const abort = new AbortController();
        const asks = scheduler.task(
          (comm: TalkComm) => comm.request("?").catch((error) => error.name),
          { plugins: new Comm() },
        );
        asks.on("comm-request", () => {
          if (asks.eventCounts["comm-request"] === 2) end(scheduler, abort);
        });
        scheduler.onStart(() => {
          asks.submit();
          asks.submit();
        });
        const results: unknown[] = [];
        asks.onResult((_future, result) => results.push(result));
        const run = scheduler.run({ wait, signal: abort.signal });
        const isCancelled = wait === false || name === "an abort";
        if (name === "an abort") await assertRejects(() => run, Error, "aborted");
        else assertEquals((await run).code, "stopped");
        assertEquals(results, isCancelled ? [] : ["CommClosedError", "CommClosedError"]);
        assertEquals(asks.eventCounts.cancelled, isCancelled ? 2 : 0);
        assertEquals(asks.eventCounts["comm-close"], 2);
        assertEquals(await leftBehind(), []);
      });
    }

    Deno.test(`${executor}: stop() ends calls that wait in all ways, wait ${wait}`, async () => {
      const scheduler = make(3);
      const comm = new Comm();
      const waits = scheduler.task(async (comm: TalkComm, how: string) => {
        const question = comm.request("?").catch((error) => error.name);
        if (how === "answer") return await question;
        const messages = [];
        for await (const message of comm) messages.push(message);
        return how === "both" ? [messages, await question] : messages;
      }, { plugins: comm });
      waits.on("comm-request", () => {});
      scheduler.onStart(() => {
        for (const how of ["answer", "messages", "both"]) waits.submit(how);
      });
      waits.on("comm-open", (future) => comm.send(future, "hello"));
      const results: unknown[] = [];
      waits.onResult((_future, result) => results.push(result));
      let runs = 0;
      waits.on("comm-request", () => {
        if (++runs === 3) scheduler.stop();
      });
      const exit = await scheduler.run({ wait });
      assertEquals(exit.code, "stopped");
      const expected = ["CommClosedError", ["hello"], [["hello"], "CommClosedError"]];
      const sorted = (list: unknown[]) => list.map((each) => JSON.stringify(each)).toSorted();
      assertEquals(sorted(results), wait === false ? [] : sorted(expected));
      assertEquals(await leftBehind(), []);
    });
  }

  for (const grace of [undefined, 0, 50]) {
    Deno.test(`${executor}: cancel() ends a waiting request, grace ${grace}`, async () => {
      const scheduler = make(1);
      const asks = scheduler.task(
        (comm: TalkComm) => comm.request("?").catch((error) => error.name),
        { plugins: new Comm() },
      );
      asks.on("comm-request", (future) => {
        assertEquals(future.cancel(...grace === undefined ? [] : [{ grace }]), true);
      });
      const error = await during(
        scheduler,
        () => (asks.submit() as unknown as Promise<unknown>).catch((error) => error),
      );
      assertInstanceOf(error, FutureCancelledError);
      assertEquals([asks.eventCounts["comm-close"], asks.eventCounts.cancelled], [1, 1]);
      assertEquals(await leftBehind(), []);
    });
  }

  Deno.test(`${executor}: a start callback may await a call that asks`, async () => {
    const scheduler = make(1);
    const asks = scheduler.task((comm: TalkComm) => comm.request("?"), { plugins: new Comm() });
    asks.on("comm-request", async (_future, _question, respond) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      scheduler.stop();
      await new Promise((resolve) => setTimeout(resolve, 1));
      respond("answer");
    });
    scheduler.onStart(async () => assertEquals(await asks.submit(), "answer"));
    assertEquals((await scheduler.run()).code, "stopped");
  });
}
