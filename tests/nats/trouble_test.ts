// What a run on remote workers must survive: strange messages, broken workers, servers that refuse.
import { assertEquals, assertLess, assertRejects, assertStringIncludes } from "@std/assert";
import {
  BrokerLostError,
  type Call,
  Comm,
  type Executor,
  ExecutorBrokenError,
  Scheduler,
  type ShutdownReport,
  type WorkerComm,
} from "@amltk/scheduling";
import { NatsExecutor } from "@amltk/scheduling/executors/nats";
import { connect as connectNats } from "@nats-io/transport-deno";
import type { NatsConnection } from "@nats-io/nats-core";
import { jetstreamManager } from "@nats-io/jetstream";
import { describeMachine, WorkerHost } from "../../executors/nats/_remote/worker_host.ts";
import { during } from "../fixtures/during.ts";
import { hasNatsServer, NatsServer } from "../fixtures/nats_server.ts";
import { NatsWorker } from "../fixtures/nats_worker.ts";

const QUEUE = "trouble";

/** Can start no worker. */
class BrokenExecutor implements Executor {
  readonly name = "BrokenExecutor";
  readonly workerCount = 1;
  submit(call: Call): void {
    queueMicrotask(() => call.fail(new ExecutorBrokenError("No worker can be started")));
  }
  cancel(): void {}
  shutdown(): Promise<ShutdownReport> {
    return Promise.resolve({ runaways: 0 });
  }
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !hasNatsServer, fn });
}

function startWorker(server: NatsServer, ...options: string[]): Promise<NatsWorker> {
  return NatsWorker.start(
    "--servers",
    server.address,
    "--queue",
    QUEUE,
    "--workers",
    "1",
    ...options,
  );
}

test("NatsExecutor survives strange messages of workers", async () => {
  await using server = await NatsServer.start();
  await using _worker = await startWorker(server);
  const stranger = await connectNats({ servers: server.address });
  let run = "";
  stranger.subscribe(`amltk.${QUEUE}.runs`, {
    callback: (_error, message) => void (run = message.json<{ run: string }>().run),
  });
  const scheduler = new Scheduler(new NatsExecutor({ connect: server.address, queue: QUEUE }));
  const double = scheduler.task((n: number) => n * 2);
  const results: unknown[] = [];
  scheduler.onStart(async () => {
    results.push(await double.submit(1));
    const from = { worker: "x", host: "x", cores: 1, slots: 1, limits: [], deno: "2", protocol: 1 };
    const strange = [
      "",
      "null",
      { from: null, run, session: "s" },
      { from: {}, run, session: "s" },
      { from: 7, run },
      { from: { ...from, slots: 0.5 }, run, session: "s" },
      { from: { ...from, limits: "memory" }, run, session: "s" },
      { from, run, session: "a b" },
      { from, run, session: { id: 1 } },
    ];
    for (const message of strange) {
      const text = typeof message === "string" ? message : JSON.stringify(message);
      stranger.publish(`amltk.${QUEUE}.workers`, text);
    }
    await stranger.flush();
    results.push(await double.submit(2));
    results.push(scheduler.statistics().workers.length);
  });
  await scheduler.run({ timeout: 120_000 });
  await stranger.close();
  assertEquals(results, [2, 4, 1]);
});

test("NatsExecutor fails a call whose message cannot cross", async () => {
  await using server = await NatsServer.start();
  await using _worker = await startWorker(server);
  const scheduler = new Scheduler(new NatsExecutor({ connect: server.address, queue: QUEUE }));
  const send = scheduler.task(
    (comm: WorkerComm<{ sent: unknown }>) => {
      comm.send(new Blob(["text"]));
      return new Promise(() => {});
    },
    { plugins: new Comm() },
  );
  const outcomes: unknown[] = [];
  scheduler.onStart(async () => {
    outcomes.push(await send.submit().catch((error) => error.name));
    outcomes.push(await scheduler.submit(() => "next"));
  });
  await scheduler.run({ timeout: 120_000, onException: "ignore" });
  assertEquals(outcomes, ["DataCloneError", "next"]);
});

test("NatsExecutor removes the log of a worker that has left", async () => {
  await using server = await NatsServer.start();
  await using first = await startWorker(server);
  const scheduler = new Scheduler(new NatsExecutor({ connect: server.address, queue: QUEUE }));
  const add = scheduler.task((n: number) => n + 1);
  const connection = await connectNats({ servers: server.address });
  const manager = await jetstreamManager(connection);
  const sizes: number[] = [];
  scheduler.onStart(async () => {
    for (let n = 0; n < 5; n++) await add.submit(n);
    first.kill("SIGTERM");
    await first.ended();
    await using _second = await startWorker(server);
    await add.submit(9);
    const { state } = await manager.streams.info(`AMLTK_${QUEUE}`, {
      subjects_filter: `amltk.${QUEUE}.log.>`,
    });
    sizes.push(...Object.values(state.subjects ?? {}));
  });
  await scheduler.run({ timeout: 60_000 });
  await connection.close();
  assertEquals([sizes.length, Math.min(...sizes)], [2, 1]);
});

test("NatsExecutor removes what it has read of a log while the run goes on", async () => {
  await using server = await NatsServer.start();
  await using _worker = await startWorker(server);
  const scheduler = new Scheduler(new NatsExecutor({ connect: server.address, queue: QUEUE }));
  const connection = await connectNats({ servers: server.address });
  const manager = await jetstreamManager(connection);
  const stored = async () => (await manager.streams.info(`AMLTK_${QUEUE}`)).state.bytes;
  const mebibyte = 2 ** 20;
  let rest = Infinity;
  await during(scheduler, async () => {
    const large = scheduler.task((bytes: number) => new Uint8Array(bytes));
    for (let n = 0; n < 9; n++) await large.submit(mebibyte);
    // Until the run is over: it has a timeout.
    while (rest > 2 * mebibyte && scheduler.statistics().phase === "running") {
      rest = await stored();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }, { timeout: 120_000 });
  await connection.close();
  assertLess(rest, 2 * mebibyte);
});

test("NatsExecutor names what keeps it from reading", async () => {
  const config = `authorization { users: [
    { user: scheduler, password: s, permissions: { publish: { deny: "$JS.API.CONSUMER.CREATE.>" } } }
  ] }`;
  await using server = await NatsServer.start({ config });
  const connect = () => connectNats({ servers: server.address, user: "scheduler", pass: "s" });
  const scheduler = new Scheduler(new NatsExecutor({ connect, queue: QUEUE }));
  scheduler.onStart(() => {
    scheduler.submit(() => 1);
  });
  const error = await assertRejects(() => scheduler.run({ timeout: 30_000 }), BrokerLostError);
  assertStringIncludes(error.message, "CONSUMER.CREATE");
});

test("NatsExecutor survives that the program drains its connection", async () => {
  await using server = await NatsServer.start();
  let connection: NatsConnection | undefined;
  const connect = async () => connection = await connectNats({ servers: server.address });
  const scheduler = new Scheduler(new NatsExecutor({ connect, queue: QUEUE }));
  await using _worker = await startWorker(server);
  scheduler.onStart(async () => {
    await scheduler.submit(() => 1);
    let isDrained = false;
    connection?.drain().then(() => isDrained = true);
    while (!isDrained) {
      const future = scheduler.submit(() => new Promise(() => {}));
      await new Promise((resolve) => setTimeout(resolve, 0));
      future.cancel();
    }
  });
  scheduler.onFutureException(() => {});
  const exit = await scheduler.run({ timeout: 30_000, onException: "ignore" });
  assertEquals(exit.code, "exhausted");
});

test("NatsExecutor gives the calls of a broken worker to another one", async () => {
  await using server = await NatsServer.start();
  const connection = await connectNats({ servers: server.address });
  const description = { ...describeMachine(), host: "broken", slots: 1, limits: [] };
  const host = await WorkerHost.open(connection, {
    queue: QUEUE,
    description,
    acceptsSource: true,
    idleExit: undefined,
    makeExecutor: () => new BrokenExecutor(),
    log: () => {},
  });
  const broken = host.serve().finally(() => connection.close());
  const scheduler = new Scheduler(new NatsExecutor({ connect: server.address, queue: QUEUE }));
  const double = scheduler.task((n: number) => n * 2);
  const results: unknown[] = [];
  scheduler.onStart(async () => {
    const first = double.submit(1);
    await assertRejects(() => broken, ExecutorBrokenError);
    await using _sound = await startWorker(server);
    results.push(await first, await double.submit(2));
  });
  await scheduler.run({ timeout: 120_000 });
  assertEquals(results, [2, 4]);
});
