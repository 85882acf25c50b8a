// How messages of calls cross to workers and processes, and back.
import { Comm, type Future, Scheduler, type WorkerComm } from "@amltk/scheduling";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { leftBehind } from "../../tools/remains.ts";
import { during } from "../fixtures/during.ts";

type TalkComm = WorkerComm<
  { sent: unknown; asked: unknown; answered: unknown; received: unknown }
>;

const EXECUTORS: readonly [name: string, make: (count: number) => Scheduler][] = [
  ["workers", (count) => Scheduler.withWorkers(count)],
  ["processes", (count) => Scheduler.withProcesses(count)],
];

const MANY = 20_000;
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

for (const [executor, make] of EXECUTORS) {
  Deno.test(`${executor}: ${MANY} messages cross in order, both ways`, async () => {
    const scheduler = make(1);
    const comm = new Comm();
    const task = scheduler.task(async (comm: TalkComm, count: number) => {
      const received: unknown[] = [];
      for (let n = 0; n < count; n++) comm.send(n);
      for await (const n of comm) if (received.push(n) === count) break;
      return received;
    }, { plugins: comm });
    const seen: unknown[] = [];
    task.on("comm-open", (future) => numbers(MANY).forEach((n) => comm.send(future, n)));
    task.on("comm-message", (_future, n) => seen.push(n));
    let seenAtEnd = 0;
    task.onDone(() => seenAtEnd = seen.length);
    assertEquals(await during(scheduler, () => task.submit(MANY)), numbers(MANY));
    assertEquals([seenAtEnd, seen], [MANY, numbers(MANY)]);
    assertEquals(await leftBehind(), []);
  });

  Deno.test(`${executor}: eight tasks ask and are answered at once`, async () => {
    const scheduler = make(8);
    const ask = async (comm: TalkComm, name: number, count: number) => {
      const answers = [];
      for (let n = 0; n < count; n++) answers.push(comm.request([name, n]));
      for (let n = 0; n < count; n++) answers.push(comm.request([name, count + n]));
      return await Promise.all(answers);
    };
    const results: Future<unknown[]>[] = [];
    for (let name = 0; name < 8; name++) {
      const task = scheduler.task(ask, { plugins: new Comm() });
      let isFirst = true;
      const waiting: (() => void)[] = [];
      task.on("comm-request", (_future, question, respond) => {
        const [asked, n] = question as [number, number];
        assertEquals(asked, name);
        // Those of the first half wait for the first of the second half.
        if (n < 100) return void waiting.push(() => respond(`${asked} ${n}`));
        respond(`${asked} ${n}`);
        if (isFirst) waiting.toReversed().forEach((answer) => answer());
        isFirst = false;
      });
      scheduler.onStart(() => {
        results.push(task.submit(name, 100));
      });
    }
    await scheduler.run();
    for (const [name, future] of results.entries()) {
      assertEquals(future.result, numbers(200).map((n) => `${name} ${n}`));
    }
  });

  Deno.test(`${executor}: a message wakes a function that waits`, async () => {
    const scheduler = make(1);
    const comm = new Comm();
    const task = scheduler.task(async (comm: TalkComm) => {
      let last: unknown;
      for await (const n of comm) {
        last = n;
        comm.send(n);
        if (n === 10) break;
      }
      return last;
    }, { plugins: comm });
    task.on("comm-open", (future) => comm.send(future, 0));
    task.on("comm-message", (future, n) => comm.send(future, Number(n) + 1));
    assertEquals(await during(scheduler, () => task.submit()), 10);
    assertEquals(task.eventCounts["comm-message"], 11);
  });

  Deno.test(`${executor}: a spinning function sees its abort`, async () => {
    const scheduler = make(1);
    const spin = scheduler.task(async (comm: TalkComm) => {
      const { signal } = comm;
      const heard: string[] = [];
      const any = AbortSignal.any([signal]);
      signal.addEventListener("abort", () => heard.push("listener"));
      comm.send("spins");
      while (!signal.aborted);
      let thrown: unknown;
      try {
        signal.throwIfAborted();
      } catch (error) {
        thrown = error;
      }
      const fetched = await fetch("data:,x", { signal }).catch((error) => error);
      return [heard, any.aborted, (thrown as Error).name, (fetched as Error).name];
    }, { plugins: new Comm() });
    spin.on("comm-message", (future) => future.cancel({ grace: 60_000 }));
    assertEquals(await during(scheduler, () => spin.submit()), [
      ["listener"],
      true,
      "AbortError",
      "AbortError",
    ]);
  });

  Deno.test(`${executor}: an abort ends only the call that it is for`, async () => {
    const scheduler = make(1);
    const task = scheduler.task((comm: TalkComm, waits: boolean) => {
      const kept = globalThis as { kept?: AbortSignal };
      const earlier = kept.kept;
      kept.kept = comm.signal;
      comm.send("runs");
      if (waits) { while (!comm.signal.aborted); }
      return [earlier?.aborted, comm.signal.aborted];
    }, { plugins: new Comm() });
    task.on("comm-message", (future) => {
      if (future.args[0]) future.cancel({ grace: 60_000 });
    });
    const results = await during(
      scheduler,
      () => Promise.all([false, true, false, false].map((waits) => task.submit(waits))),
    );
    // Those that have ended never abort.
    assertEquals(results, [[undefined, false], [false, true], [true, false], [false, false]]);
  });

  Deno.test(`${executor}: comm.send() copies as structuredClone() does`, async () => {
    const scheduler = make(1);
    const comm = new Comm();
    const task = scheduler.task(async (comm: TalkComm) => {
      const bytes = new Uint8Array(100).fill(1);
      const data = {
        map: new Map([[1, new Set(["a"])]]),
        part: bytes.subarray(10, 20),
        at: new Date(5),
      };
      comm.send({ data, error: new RangeError("x", { cause: 1 }), big: 1n, none: undefined });
      bytes.fill(2);
      data.map.clear();
      for await (const received of comm) return received;
      return undefined;
    }, { plugins: comm });
    const sent = { list: [1, , 3], view: new Uint16Array([1, 2, 3]).subarray(1) };
    let seen: unknown;
    task.on("comm-message", (future, data) => {
      seen = data;
      comm.send(future, sent);
      sent.view.fill(9);
      sent.list.length = 0;
    });
    const received = await during(scheduler, () => task.submit()) as typeof sent;
    const { data, error, ...others } = seen as Record<string, Record<string, unknown>>;
    assertEquals(data, {
      map: new Map([[1, new Set(["a"])]]),
      part: new Uint8Array(10).fill(1),
      at: new Date(5),
    });
    assertEquals((data?.part as Uint8Array).buffer.byteLength, 100);
    assert(error instanceof RangeError);
    assertEquals([error.message, error.cause], ["x", 1]);
    assertEquals(others as unknown, { big: 1n, none: undefined });
    assertEquals(received, { list: [1, , 3], view: new Uint16Array([2, 3]) });
  });

  Deno.test(`${executor}: data that cannot cross throw where they are sent`, async () => {
    const scheduler = make(1);
    const comm = new Comm();
    const task = scheduler.task(async (comm: TalkComm) => {
      const nested = (levels: number) => {
        let value: object = {};
        for (let level = 0; level < levels; level++) value = { value };
        return value;
      };
      const values = [() => 1, { at: [Symbol("s")] }, new URL("https://example.com"), {
        in: new URL("https://a.b"),
      }];
      const texts: string[] = [];
      const note = (error: DOMException) => texts.push(`${error.name}: ${error.message}`);
      for (const value of [...values, nested(3_000), nested(10_000)]) {
        try {
          comm.send(value);
          texts.push("sent");
        } catch (error) {
          note(error as DOMException);
        }
        await comm.request(value).then(() => texts.push("answered"), note);
      }
      comm.send("still works");
      return texts;
    }, { plugins: comm });
    const seen: unknown[] = [];
    task.on("comm-message", (_future, data) => seen.push(data));
    task.on("comm-request", () => {
      throw new Error("This request could not be sent");
    });
    const what = [
      "is a function (anonymous), which",
      ", at .at[0], is a symbol, which",
      "is a URL, which",
      ", at .in, is a URL, which",
      "is nested too deeply, which",
      "is nested too deeply, which",
    ];
    const texts = await during(scheduler, () => task.submit());
    assertEquals(texts.length, 12);
    for (const [index, text] of texts.entries()) {
      const subject = index % 2 === 0 ? "The data of send()" : "The data of request()";
      const expected = what[Math.floor(index / 2)] ?? "";
      const place = expected.startsWith(",") ? expected : ` ${expected}`;
      assert(text.startsWith(`DataCloneError: ${subject}${place}`), text);
    }
    assertEquals(seen, ["still works"]);
  });

  Deno.test(`${executor}: what home cannot send throws there`, async () => {
    const scheduler = make(1);
    const comm = new Comm();
    const task = scheduler.task(async (comm: TalkComm) => {
      const answer = await comm.request("?");
      for await (const message of comm) return [answer, message];
      return undefined;
    }, { plugins: comm });
    const isRefused = (act: () => unknown, subject: string) => {
      const error = assertThrows(act, DOMException);
      assertEquals(error.name, "DataCloneError");
      assert(error.message.startsWith(`${subject} is a URL, which`), error.message);
    };
    const url = new URL("https://example.com");
    task.on("comm-request", (future, _question, respond) => {
      isRefused(() => comm.send(future, url), "The data of send()");
      isRefused(() => future.cancel({ grace: 60_000, reason: url }), "The reason");
      isRefused(() => respond(url), "The answer");
      assertThrows(() => comm.send(future, () => {}), DOMException, "a function");
      // A refused answer is none.
      assertEquals(respond("answer"), true);
      comm.send(future, "message");
    });
    assertEquals(await during(scheduler, () => task.submit()), ["answer", "message"]);
  });

  Deno.test(`${executor}: every depth of nesting is refused or arrives`, async () => {
    const scheduler = make(1);
    const comm = new Comm();
    const nested = (levels: number) => {
      let value: object = {};
      for (let level = 0; level < levels; level++) value = { value };
      return value;
    };
    const depths = numbers(60).map((n) => 100 * n);
    const task = scheduler.task(async (comm: TalkComm, nested: unknown, depths: number[]) => {
      const nest = (0, eval)(`(${nested})`);
      let sent = 0;
      for (const depth of depths) {
        try {
          comm.send(nest(depth));
          sent++;
        } catch {
          // Refused.
        }
      }
      let received = 0;
      for await (const value of comm) {
        if (value === "last") break;
        received++;
      }
      return [sent, received];
    }, { plugins: comm });
    let sent = 0;
    task.on("comm-open", (future) => {
      for (const depth of depths) {
        try {
          comm.send(future, nested(depth));
          sent++;
        } catch {
          // Refused.
        }
      }
      comm.send(future, "last");
    });
    const [sentThere, received] = await during(
      scheduler,
      () => task.submit(String(nested), depths),
    ) as [number, number];
    assertEquals([task.eventCounts["comm-message"], received], [sentThere, sent]);
    assert(sent > 10 && sent < 60 && sentThere > 10, `${sent} ${sentThere}`);
  });

  Deno.test(`${executor}: calls with messages keep limits, order and places`, async () => {
    const scheduler = make(1);
    const order: unknown[] = [];
    const shared = scheduler.share({ n: 1 });
    const talks = scheduler.task((comm: TalkComm, name: string, value: { n: number }) => {
      comm.send(name);
      return value.n;
    }, { plugins: new Comm() });
    const plain = scheduler.task((name: string) => name);
    talks.on("comm-message", (_future, name) => order.push(`message ${name}`));
    talks.onResult((_future, n) => order.push(n));
    plain.onResult((_future, name) => order.push(name));
    scheduler.onStart(() => {
      plain.submit("a");
      talks.submit("b", shared);
      plain.submit("c");
      talks.with({ priority: 1 }).submit("d", { n: 2 });
      talks.with({ limits: { wallTime: 60_000 } }).submit("e", shared);
      plain.submit("f");
    });
    await scheduler.run();
    const first = order.splice(0, order.indexOf("message d"));
    assert(first.length <= 1, first.join());
    assertEquals([...order.splice(0, 2), ...first], ["message d", 2, ...first]);
    const rest = ["a", "message b", 1, "c", "message e", 1, "f"];
    assertEquals([...first, ...order], rest);
  });
}

Deno.test("workers: messages share memory that is shared", async () => {
  const scheduler = Scheduler.withWorkers(1);
  const task = scheduler.task((comm: TalkComm) => {
    const counter = new Int32Array(new SharedArrayBuffer(4));
    comm.send(counter);
    while (Atomics.load(counter, 0) === 0);
    return Atomics.load(counter, 0);
  }, { plugins: new Comm() });
  task.on("comm-message", (_future, counter) => Atomics.store(counter as Int32Array, 0, 7));
  assertEquals(await during(scheduler, () => task.submit()), 7);
});

Deno.test("processes: messages cannot share memory", async () => {
  const scheduler = Scheduler.withProcesses(1);
  const task = scheduler.task((comm: TalkComm) => {
    try {
      comm.send(new SharedArrayBuffer(4));
    } catch (error) {
      return (error as Error).message;
    }
    return "sent";
  }, { plugins: new Comm() });
  const text = await during(scheduler, () => task.submit());
  assert(text.startsWith("The data of send() is a SharedArrayBuffer, which"), text);
});
