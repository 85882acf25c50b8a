// What the executor of NATS adds to the contract of executors.
import {
  ExecutorBrokenError,
  fromModule,
  ResourceLimits,
  Scheduler,
  WallTimeLimitError,
} from "@amltk/scheduling";
import {
  NatsExecutor,
  type NatsExecutorOptions,
  serveNats,
} from "@amltk/scheduling/executors/nats";
import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { during } from "../fixtures/during.ts";
import { hasNatsServer, NatsServer } from "../fixtures/nats_server.ts";
import { NatsWorker } from "../fixtures/nats_worker.ts";

const QUEUE = "executor";

/** Tests with a server, to which `workers` are connected, each with these options. */
function test(
  name: string,
  workers: readonly (readonly string[])[],
  fn: (server: NatsServer) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore: !hasNatsServer,
    async fn() {
      await using stack = new AsyncDisposableStack();
      const server = stack.use(await NatsServer.start());
      const options = ["--servers", server.address, "--queue", QUEUE];
      await Promise.all(workers.map(async (own) => {
        stack.use(await NatsWorker.start(...options, ...own));
      }));
      await fn(server);
    },
  });
}

function schedulerOn(
  { address }: NatsServer,
  options: Partial<NatsExecutorOptions> = {},
): Scheduler {
  return new Scheduler(new NatsExecutor({ connect: address, queue: QUEUE, ...options }));
}

Deno.test("NatsExecutor refuses wrong options, each with a remedy", () => {
  const connect = "nats://127.0.0.1:4222";
  const refuses = (options: unknown, text: string, type: typeof TypeError = TypeError) =>
    assertThrows(() => new NatsExecutor(options as NatsExecutorOptions), type, text);
  refuses({ queue: "q" }, "connect must be the address of a NATS server");
  refuses({ connect: 5, queue: "q" }, "not 5");
  refuses({ connect, queue: "a.b" }, `not "a.b"`);
  refuses({ connect }, "queue must be a name");
  refuses({ connect, queue: "q", codeVersion: "" }, "codeVersion must be a text");
  refuses({ connect, queue: "q", maxConcurrent: 0 }, "maxConcurrent", RangeError);
  refuses({ connect, queue: "q", output: "file" }, "output must be");
  refuses({ connect, queue: "q", initializer: 5 }, "initializer must be a function");
  refuses({ connect, queue: "q", lostAfter: -1 }, "lostAfter", RangeError);
  refuses({ connect, queue: "q", startTimeout: -1 }, "startTimeout", RangeError);
  refuses({ connect, queue: "q", workers: 5 }, `"workers"`);
});

Deno.test("serveNats() refuses wrong options before it connects", async () => {
  const connect = () => Promise.reject(new Error("connected"));
  const refuses = (options: object, text: string) =>
    assertRejects(() => serveNats({ connect, queue: "q", ...options }), Error, text);
  await refuses({ queue: "" }, "queue must be a name");
  await refuses({ workers: 0 }, "workers must be a positive integer");
  await refuses({ functions: "none" }, 'functions must be "all" or "modules"');
  await refuses({ permissions: { disk: true } }, `permissions has no "disk"`);
  await refuses({ processes: "yes" }, "processes must be true or false");
  await refuses({ signal: 5 }, "signal must be an AbortSignal");
  await refuses({ log: "file" }, "log must be a function");
  await refuses({ memory: "1GB" }, "memory needs processes: true");
  await refuses({ permissions: "none" }, "--unstable-worker-options");
  await refuses({ idle: 5 }, `"idle"`);
  await refuses({}, "connected");
});

test("an initializer runs in each remote worker", [["--workers", "2"]], async (server) => {
  const scheduler = schedulerOn(server, {
    initializer: () => {
      Object.assign(globalThis, { scale: 3 });
    },
  });
  const scaled = scheduler.task((n: number) => n * Reflect.get(globalThis, "scale"));
  const results: number[] = [];
  scheduler.onStart(async () => {
    results.push(...await Promise.all([1, 2, 3, 4].map((n) => scaled.submit(n))));
  });
  await scheduler.run();
  assertEquals(results, [3, 6, 9, 12]);
});

for (const kind of ["--processes", "--unstable-worker-options"]) {
  test(`a sandboxed remote worker runs modules, and reads nothing, with ${kind}`, [
    ["--workers", "1", "--permissions", '{"read":["tests"]}', kind],
  ], async (server) => {
    const scheduler = schedulerOn(server);
    const module = import.meta.resolve("../fixtures/modules/work.ts");
    const { scale } = fromModule<typeof import("../fixtures/modules/work.ts")>(module);
    const read = scheduler.task(() => Deno.readTextFile("deno.json"));
    const results: unknown[] = [];
    scheduler.onStart(async () => {
      results.push(await scheduler.submit(() => 1), await scheduler.submit(scale, 21));
      results.push(await read.submit().catch((error) => error.name));
    });
    await scheduler.run({ onException: "ignore" });
    assertEquals(results, [1, 42, "NotCapable"]);
  });
}

test("limits of memory wait for a worker with processes", [["--workers", "1"]], async (server) => {
  const scheduler = schedulerOn(server);
  const limited = (limits: { memory: string } | { wallTime: number }) => ({
    plugins: new ResourceLimits(limits),
  });
  const endless = scheduler.task(() => new Promise(() => {}), limited({ wallTime: 200 }));
  const small = scheduler.task(() => 7, limited({ memory: "500MB" }));
  let joined: NatsWorker | undefined;
  const seen: unknown[] = [];
  scheduler.onStart(async () => {
    const waiting = small.submit();
    assertInstanceOf(await endless.submit().catch((error) => error), WallTimeLimitError);
    seen.push(waiting.state);
    joined = await NatsWorker.start("--servers", server.address, "--queue", QUEUE, "--processes");
    seen.push(await waiting);
  });
  await scheduler.run({ onException: [[WallTimeLimitError, "ignore"]] });
  await joined?.[Symbol.asyncDispose]();
  assertEquals(seen, ["pending", 7]);
});

test("maxConcurrent bounds all workers together", [["--workers", "2"], [
  "--workers",
  "2",
]], async (server) => {
  const scheduler = schedulerOn(server, { maxConcurrent: 3 });
  const task = scheduler.task(async () => {
    const start = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 30));
    return { start, end: Date.now() };
  });
  const times = await during(
    scheduler,
    () => Promise.all(Array.from({ length: 30 }, () => task.submit())),
  );
  const runningAt = (time: number) =>
    times.filter(({ start, end }) => start <= time && time < end).length;
  const most = Math.max(...times.map(({ start }) => runningAt(start)));
  assert(most <= 3, `${most} ran at a time`);
});

test("maxConcurrent counts only the running calls of a worker that drains", [], async (server) => {
  const options = ["--servers", server.address, "--queue", QUEUE];
  await using first = await NatsWorker.start(...options, "--workers", "2");
  const scheduler = schedulerOn(server, { maxConcurrent: 2 });
  const endless = scheduler.task(() => new Promise<void>(() => {}));
  await during(scheduler, async () => {
    const running = endless.submit();
    while (running.state !== "running") await new Promise((resolve) => setTimeout(resolve, 5));
    first.kill("SIGTERM");
    await first.said("takes no more calls");
    await using _second = await NatsWorker.start(...options, "--workers", "2");
    assertEquals(await scheduler.submit(() => 5), 5);
    running.cancel();
    assertEquals((await first.ended()).code, 0);
  });
});

test(
  "startTimeout bounds the initializer of a remote worker",
  [["--workers", "1"]],
  async (server) => {
    const initializer = () => new Promise<void>(() => {});
    const scheduler = schedulerOn(server, { initializer, startTimeout: 100 });
    await during(scheduler, async () => {
      const broken = scheduler.submit(() => 1);
      await assertRejects(() => Promise.resolve(broken), ExecutorBrokenError, "100");
    }, { onException: "ignore" });
  },
);

test("calls behind a longer one than expected go to an idle worker", [["--workers", "1"], [
  "--workers",
  "1",
]], async (server) => {
  const scheduler = schedulerOn(server);
  const task = scheduler.task((isLong: boolean) => isLong ? new Promise(() => {}) : undefined);
  scheduler.onStart(async () => {
    // From then on, calls of this task are expected to be short, and are sent ahead.
    for (let n = 0; n < 50; n++) await task.submit(false);
    const long = task.submit(true);
    await Promise.all(Array.from({ length: 100 }, () => task.submit(false)));
    long.cancel();
  });
  await scheduler.run();
  assertEquals([task.eventCounts.result, task.eventCounts.cancelled], [150, 1]);
});

test("modules of npm need no copy", [["--workers", "1"]], async (server) => {
  const scheduler = schedulerOn(server);
  const { parse } = fromModule<{ parse(html: string): { nodeName: string } }>("npm:parse5@8.0.0");
  const names: string[] = [];
  scheduler.onStart(async () => {
    names.push((await scheduler.submit(parse, "<p>")).nodeName);
  });
  await scheduler.run();
  assertEquals(names, ["#document"]);
});

test(
  "two schedulers share a queue, and see its machine",
  [["--workers", "2", "--name", "far"]],
  async (server) => {
    const runs = [1, 2].map(async (factor) => {
      const scheduler = schedulerOn(server);
      const task = scheduler.task((n: number, factor: number) => n * factor);
      const results: number[] = [];
      scheduler.onStart(async () => {
        for await (const n of task.map([1, 2, 3], { args: (n) => [n, factor] })) results.push(n);
      });
      await scheduler.run();
      const { workers } = scheduler.statistics();
      return [results, workers.map(({ remote }) => remote?.host)];
    });
    assertEquals(await Promise.all(runs), [
      [[1, 2, 3], ["far", "far"]],
      [[2, 4, 6], ["far", "far"]],
    ]);
  },
);

test("values over the size of a message cross both ways", [["--workers", "1"]], async (server) => {
  const scheduler = schedulerOn(server);
  const reverse = scheduler.task((bytes: Uint8Array) => bytes.toReversed());
  const data = Uint8Array.from({ length: 5_000_000 }, (_, n) => n % 251);
  const shared = scheduler.share({ data });
  const lastOf = scheduler.task(({ data }: { data: Uint8Array }) => data.at(-1));
  scheduler.onStart(async () => {
    assertEquals(await reverse.submit(data), data.toReversed());
    assertEquals(await lastOf.submit(shared), data.at(-1));
  });
  await scheduler.run();
});
