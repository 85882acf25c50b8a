// What becomes of output when calls fail, are cancelled or tried again, and when their workers or runs end.
// deno-lint-ignore-file no-console -- the functions print
import {
  Comm,
  ResourceLimits,
  Retry,
  type RunOptions,
  Scheduler,
  WallTimeLimitError,
  type WorkerComm,
  WorkerLostError,
} from "@amltk/scheduling";
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { leftBehind } from "../../tools/remains.ts";
import { BATCH } from "../fixtures/batch_option.ts";
import { blockUntil } from "../fixtures/block_until.ts";
import { during } from "../fixtures/during.ts";
import { outputLog } from "../fixtures/output_log.ts";

const EXECUTORS: readonly [name: string, make: (count: number) => Scheduler][] = [
  ["workers", (count) => Scheduler.withWorkers(count, { ...BATCH, output: "event" })],
  ["processes", (count) => Scheduler.withProcesses(count, { output: "event" })],
];

/** Ways in which a function ends its worker right after its last text. */
const DEATHS: Readonly<Record<string, (name: string) => unknown>> = {
  "Deno.exit()": () => {
    console.log("last");
    Deno.exit(3);
  },
  "process.exit()": async () => {
    const { default: process } = await import("node:process");
    console.log("last");
    process.exit(4);
  },
  "self.close()": () => {
    console.log("last");
    self.close();
    return new Promise(() => {});
  },
  "an error in a timer": () => {
    setTimeout(() => {
      console.log("last");
      throw new Error("in a timer");
    }, 0);
    return new Promise(() => {});
  },
  "an unhandled rejection": () => {
    console.log("last");
    Promise.reject(new Error("rejected"));
    return new Promise(() => {});
  },
};

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

function spend(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** Blocks this thread until a call has started, or long enough: the pool may have taken it back. */
function blockUntilStarted(started: Int32Array): void {
  blockUntil(() => Atomics.load(started, 0) === 1, 2_000);
}

for (const [executor, make] of EXECUTORS) {
  for (const [way, die] of Object.entries(DEATHS)) {
    Deno.test(`${executor}: output before ${way} is not lost`, async () => {
      const scheduler = make(1);
      const log = outputLog(scheduler);
      const quick = scheduler.task((name: string) => console.log(name));
      const dies = scheduler.task(die);
      await during(scheduler, () => {
        quick.submit("before");
        dies.submit("dies");
        quick.submit("after");
      }, { onException: [[WorkerLostError, "ignore"]] });
      assertEquals(log, [
        'before stdout "before\\n"',
        "before done",
        'dies stdout "last\\n"',
        "dies done",
        'after stdout "after\\n"',
        "after done",
      ]);
      assertEquals(dies.eventCounts.exception, 1);
    });
  }

  Deno.test(`${executor}: a reader slower than its dying worker loses nothing`, async () => {
    const scheduler = make(1);
    const dies = scheduler.task((count: number) => {
      for (let n = 0; n < count; n++) console.log(n);
      Deno.exit(3);
    });
    const texts: string[] = [];
    dies.onOutput((_future, text) => {
      spend(1);
      texts.push(text.trim());
    });
    dies.onException(() => texts.push("exception"));
    await during(scheduler, () => dies.submit(700).catch(() => {}), { onException: "ignore" });
    assertEquals(texts, [...numbers(700).map(String), "exception"]);
  });

  Deno.test(`${executor}: output before a reached limit is not lost`, async () => {
    const scheduler = make(1);
    const log = outputLog(scheduler);
    const spins = scheduler.task((_name: string) => {
      console.log("spins");
      // Yields, so that the thread can be stopped.
      return new Promise(() => setInterval(() => {}, 10));
    }, { plugins: new ResourceLimits({ wallTime: 1000 }) });
    const error = await during(
      scheduler,
      () => spins.submit("spins").catch((error) => error),
      { onException: "ignore" },
    );
    assertInstanceOf(error, WallTimeLimitError);
    assertEquals(log, ['spins stdout "spins\\n"', "spins done"]);
  });

  Deno.test(`${executor}: a call that throws has printed before`, async () => {
    const scheduler = make(1);
    const log = outputLog(scheduler);
    const throws = scheduler.task((_name: string) => {
      console.error("reason");
      throw new RangeError("no");
    });
    await during(scheduler, () => {
      throws.submit("a");
      throws.submit("b");
    }, { onException: "ignore" });
    assertEquals(log, [
      'a stderr "reason\\n"',
      "a done",
      'b stderr "reason\\n"',
      "b done",
    ]);
  });

  Deno.test(`${executor}: each attempt of a retried call prints`, async () => {
    const scheduler = make(1);
    const log = outputLog(scheduler);
    const dies = scheduler.task((_name: string) => {
      console.log("tries");
      Deno.exit(3);
    }, { plugins: new Retry({ maxAttempts: 3, backoff: 0 }) });
    dies.on("retry", (_future, attempt) => log.push(`retry ${attempt}`));
    await during(scheduler, () => dies.submit("dies").catch(() => {}), { onException: "ignore" });
    const tries = 'dies stdout "tries\\n"';
    assertEquals(log.map((entry) => entry.replace(/^retry .*/, "retry")), [
      tries,
      "retry",
      tries,
      "retry",
      tries,
      "dies done",
    ]);
  });

  Deno.test(`${executor}: messages and output of a call keep their order`, async () => {
    const scheduler = make(1);
    const log: unknown[] = [];
    const talks = scheduler.task((comm: WorkerComm<{ sent: number }>, count: number) => {
      for (let n = 0; n < count; n += 2) {
        comm.send(n);
        console.log(n + 1);
      }
    }, { plugins: new Comm() });
    talks.on("comm-message", (_future, n) => log.push(n));
    talks.onOutput((_future, text) => log.push(Number(text)));
    talks.on("comm-close", () => log.push("close"));
    await during(scheduler, async () => {
      await talks.submit(300);
      await talks.submit(2);
    });
    assertEquals(log, [...numbers(300), "close", 0, 1, "close"]);
  });

  // --- cancelled calls

  Deno.test(`${executor}: a cancelled call prints nothing more`, async () => {
    const scheduler = make(1);
    const log = outputLog(scheduler);
    const prints = scheduler.task((_name: string) => {
      for (;;) console.log("x");
    });
    const next = scheduler.task((name: string) => console.log(name));
    let count = 0;
    prints.onOutput((future) => {
      if (++count === 1000) future.cancel();
    });
    scheduler.onStart(() => {
      prints.submit("prints");
      next.submit("next");
    });
    const { runaways } = await scheduler.run();
    assertEquals([count, runaways], [1000, 0]);
    assertEquals(log.slice(1000), ["prints cancelled", 'next stdout "next\\n"', "next done"]);
    assertEquals(await leftBehind(), []);
  });

  Deno.test(`${executor}: a call cancelled by future-output has no task event`, async () => {
    const scheduler = make(1);
    const prints = scheduler.task(async (name: string) => {
      console.log(name);
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    });
    scheduler.onFutureOutput((future) => void future.cancel());
    await during(scheduler, () => prints.submit("text").catch(() => {}));
    const { output, cancelled } = prints.eventCounts;
    assertEquals([scheduler.eventCounts["future-output"], output, cancelled], [1, 0, 1]);
  });

  // --- runs that end

  const ends: Readonly<Record<string, RunOptions>> = {
    "wait: false": { wait: false },
    "wait: true": { wait: true },
    "wait: 50": { wait: 50 },
  };
  for (const [name, options] of Object.entries(ends)) {
    Deno.test(`${executor}: stop() amid output leaves nothing, ${name}`, async () => {
      const scheduler = make(2);
      const order: string[] = [];
      const prints = scheduler.task((count: number) => {
        for (let n = 0; n < count; n++) console.log(n);
      });
      for (const event of ["stop", "finishing", "finished"] as const) {
        scheduler.on(event, () => order.push(event));
      }
      let count = 0;
      prints.onOutput(() => {
        if (++count === 500) scheduler.stop();
        else if (order.at(-1) === "stop") order.push("output before finishing");
        if (order.includes("finished")) order.push("output after finished");
      });
      scheduler.onStart(() => {
        for (let n = 0; n < 4; n++) prints.submit(2000);
      });
      const exit = await scheduler.run(options);
      assertEquals([exit.code, exit.runaways], ["stopped", 0]);
      const atTheEnd = count;
      await new Promise((resolve) => setTimeout(resolve, 100));
      assertEquals(count, atTheEnd);
      assertEquals(order, ["stop", "finishing", "finished"]);
      if (options.wait === true) assert(count >= 2000 && count % 2000 === 0, `${count}`);
      assertEquals(await leftBehind(), []);
    });
  }

  Deno.test(`${executor}: an endless printer ends with its run`, async () => {
    const scheduler = make(1);
    scheduler.onStart(() => {
      scheduler.submit(() => {
        for (;;) Deno.stdout.writeSync(new Uint8Array(2 ** 20));
      });
    });
    scheduler.onFutureOutput(() => scheduler.stop(), { limit: 1 });
    const { code, runaways } = await scheduler.run({ wait: 100 });
    assertEquals([code, runaways], ["stopped", 0]);
    assertEquals(await leftBehind(), []);
  });
}

for (const [executor, make] of EXECUTORS) {
  Deno.test(`${executor}: a limit loses no waiting output`, async () => {
    const scheduler = make(1);
    const log = outputLog(scheduler);
    const file = await Deno.makeTempFile();
    const waits = scheduler.task(async (_name: string, file: string) => {
      console.log("one");
      await new Promise((resolve) => setTimeout(resolve, 100));
      console.log("two");
      Deno.writeTextFileSync(file, "printed");
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    }, { plugins: new ResourceLimits({ wallTime: 1_000 }) });
    // The limit passes while this thread is busy.
    waits.onOutput(() => {
      blockUntil(() => Deno.statSync(file).size > 0);
      spend(1_100);
    }, { limit: 1 });
    const act = () => waits.submit("waits", file).catch(() => {});
    await during(scheduler, act, { onException: "ignore" });
    assertEquals(log, ['waits stdout "one\\n"', 'waits stdout "two\\n"', "waits done"]);
    await Deno.remove(file);
  });
}

// --- batches

const single = { ignore: BATCH.batch === 1 };

Deno.test("workers: calls that ended in a cancelled batch have printed", single, async () => {
  const scheduler = Scheduler.withWorkers(1, { batch: 256, output: "event" });
  const log = outputLog(scheduler);
  const started = new Int32Array(new SharedArrayBuffer(4));
  const prints = scheduler.task(async (name: string, started?: Int32Array) => {
    console.log(name);
    if (started !== undefined) {
      Atomics.store(started, 0, 1);
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    }
    return { name };
  });
  const futures = await during(scheduler, () => {
    const futures = ["a", "b", "c"].map((name) => prints.submit(name));
    futures.push(prints.submit("waits", started), prints.submit("late"));
    // While this thread is busy, nothing of the other calls can arrive.
    prints.onOutput(() => {
      blockUntilStarted(started);
      futures[3]?.cancel();
    }, { limit: 1 });
    return futures;
  });
  const printed = (name: string) => [`${name} stdout "${name}\\n"`, `${name} done`];
  const [first, ...others] = printed("a");
  assertEquals(log, [
    first,
    "waits cancelled",
    ...others,
    ...printed("b"),
    ...printed("c"),
    ...printed("late"),
  ]);
  assertEquals(futures[3]?.cancelled, true);
});

Deno.test("workers: an overdue batch has printed what it reports", single, async () => {
  const scheduler = Scheduler.withWorkers(1, { batch: 256, output: "event" });
  const log = outputLog(scheduler);
  const started = new Int32Array(new SharedArrayBuffer(4));
  const prints = scheduler.task(async (name: string, started?: Int32Array) => {
    console.log(name);
    if (started === undefined) return;
    Atomics.store(started, 0, 1);
    await new Promise((resolve) => setTimeout(resolve, 500));
  });
  await during(scheduler, () => {
    for (const name of ["a", "b", "c"]) prints.submit(name);
    prints.submit("slow", started);
    // Until the timer that looks for overdue batches is due, and the results of "b" and "c" are there.
    prints.onOutput(() => {
      blockUntilStarted(started);
      spend(50);
    }, { limit: 1 });
  });
  const names = ["a", "b", "c", "slow"];
  assertEquals(log, names.flatMap((name) => [`${name} stdout "${name}\\n"`, `${name} done`]));
});

Deno.test("workers: output precedes results that a slow call delays", single, async () => {
  const scheduler = Scheduler.withWorkers(1, { batch: 256, output: "event" });
  const log = outputLog(scheduler);
  const prints = scheduler.task(async (name: string, ms: number) => {
    console.log(name);
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
  });
  const slow = scheduler.task((_name: string) => {
    const end = performance.now() + 300;
    while (performance.now() < end);
    console.log("slow");
  });
  await during(scheduler, () => {
    for (let n = 0; n < 20; n++) prints.submit(`${n}`, 0);
    slow.submit("slow");
    prints.submit("last", 0);
  });
  const names = [...numbers(20).map(String), "slow", "last"];
  assertEquals(log, names.flatMap((name) => [`${name} stdout "${name}\\n"`, `${name} done`]));
});

Deno.test("workers: what two workers print at once is told apart", async () => {
  const scheduler = Scheduler.withWorkers(2, { ...BATCH, output: "event" });
  const log = outputLog(scheduler);
  const prints = scheduler.task((name: number) => {
    for (let line = 0; line < 3; line++) console.log(name);
  });
  await during(scheduler, () => {
    for (const name of numbers(200)) prints.submit(name);
  });
  for (const name of numbers(200)) {
    const line = `${name} stdout "${name}\\n"`;
    assertEquals(log.filter((entry) => entry.startsWith(`${name} `)), [
      line,
      line,
      line,
      `${name} done`,
    ]);
  }
});
