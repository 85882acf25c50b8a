// What becomes of calls when remote workers, their server or their scheduler are stopped, killed or told to end.
import {
  BrokerLostError,
  fromModule,
  type Future,
  ModuleLoadError,
  Scheduler,
  WorkerLostError,
} from "@amltk/scheduling";
import { NatsExecutor, type NatsExecutorOptions } from "@amltk/scheduling/executors/nats";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-deno";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { settlesInGrace } from "../../scheduling/_base/time.ts";
import { ended } from "../fixtures/alive.ts";
import { during } from "../fixtures/during.ts";
import { moduleOf } from "../fixtures/module_of.ts";
import { hasNatsServer, NatsServer } from "../fixtures/nats_server.ts";
import { NatsWorker } from "../fixtures/nats_worker.ts";
import { fixtureCommand } from "../fixtures/run_fixture.ts";

const DAY_NANOS = 24 * 3_600 * 1_000_000_000;
const DRAINS = "takes no more calls";
// The shortest one.
const LOST_AFTER = 5_000;
const ignoreLosses = { onException: [[WorkerLostError, "ignore"]] } as const;

/** What a test has: a server and a folder of its own. */
interface Site {
  readonly server: NatsServer;
  readonly folder: string;
  /** Starts a program with one worker and this name. */
  start(name: string, ...args: readonly string[]): Promise<NatsWorker>;
  schedule(options?: Partial<NatsExecutorOptions>): Scheduler;
}

function test(claim: string, body: (site: Site) => Promise<void>): void {
  const name = `NatsExecutor ${claim}`;
  Deno.test({ name, ignore: !hasNatsServer, fn: () => withSite(body) });
}

async function withSite(body: (site: Site) => Promise<void>): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const server = resources.use(await NatsServer.start());
  const folder = await Deno.makeTempDir();
  resources.defer(() => Deno.remove(folder, { recursive: true }));
  const queue = "losses";
  const common = ["--servers", server.address, "--queue", queue, "--workers", "1"];
  await body({
    server,
    folder,
    start: async (name, ...args) =>
      resources.use(await NatsWorker.start(...common, "--name", name, ...args)),
    schedule: (options) =>
      new Scheduler(new NatsExecutor({ connect: server.address, queue, ...options })),
  });
}

/** Writes a line when it starts; ends when the gate is there. */
async function waits(folder: string, n: number | string): Promise<number | string> {
  Deno.writeTextFileSync(`${folder}/starts`, `${n}\n`, { append: true });
  for (;;) {
    try {
      Deno.statSync(`${folder}/gate ${n}`);
      return n;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** Writes a line when it starts, and ends at once. */
function marks(folder: string, n: number): number {
  Deno.writeTextFileSync(`${folder}/starts`, `${n}\n`, { append: true });
  return n;
}

function startsIn(folder: string): string[] {
  return Deno.readTextFileSync(`${folder}/starts`).trim().split("\n");
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const running = (future: Future<unknown>) => until(() => future.state === "running");

/** The machine of the worker that runs a future. */
function hostOf(scheduler: Scheduler, future: Future<unknown>): string | undefined {
  const { workers } = scheduler.statistics();
  return workers.find(({ call }) => call?.future === future.id)?.remote?.host;
}

function lossOf(future: Future<unknown>): Promise<WorkerLostError> {
  return assertRejects(() => Promise.resolve(future), WorkerLostError);
}

// --- workers

test("fails the call of a killed worker and moves the rest", async (site) => {
  const { folder } = site;
  const workers: Record<string, NatsWorker> = {
    a: await site.start("a"),
    b: await site.start("b"),
  };
  const scheduler = site.schedule();
  await during(scheduler, async () => {
    const lost = scheduler.submit(waits, folder, "lost");
    await running(lost);
    workers[hostOf(scheduler, lost) ?? ""]?.kill("SIGKILL");
    const rest = [1, 2, 3, 4, 5].map((n) => scheduler.submit(marks, folder, n));
    assertEquals((await lossOf(lost)).reason, "died");
    assertEquals(await Promise.all(rest), [1, 2, 3, 4, 5]);
  }, ignoreLosses);
  assertEquals(startsIn(folder).sort(), ["1", "2", "3", "4", "5", "lost"]);
});

test("starts nothing twice on a worker that was stopped for long", async (site) => {
  const { folder } = site;
  const worker = await site.start("a");
  const scheduler = site.schedule({ lostAfter: LOST_AFTER });
  const short = scheduler.task(marks);
  const numbers = Array.from({ length: 20 }, (_, n) => n);
  await during(scheduler, async () => {
    // Calls that are known to be short are sent ahead.
    for (const n of [100, 101, 102]) await short.submit(folder, n);
    const lost = scheduler.submit(waits, folder, "lost");
    await running(lost);
    const ahead = numbers.map((n) => short.submit(folder, n));
    worker.kill("SIGSTOP");
    assertEquals((await lossOf(lost)).reason, "unreachable");
    // What the dropped session would report if it could.
    Deno.writeTextFileSync(`${folder}/gate lost`, "");
    worker.kill("SIGCONT");
    assertEquals(await Promise.all(ahead), numbers);
    const [{ starts, losses } = {}] = scheduler.statistics().workers;
    assertEquals([starts, losses], [2, 1]);
  }, ignoreLosses);
  assertEquals(scheduler.eventCounts["future-done"], 24);
  assertEquals(startsIn(folder).length, 24);
  assertEquals(new Set(startsIn(folder)).size, 24);
});

test("gets the running call's result from a worker that drains", async (site) => {
  const { folder } = site;
  const first = await site.start("first");
  const scheduler = site.schedule();
  const short = scheduler.task(marks);
  await during(scheduler, async () => {
    for (const n of [100, 101, 102]) await short.submit(folder, n);
    const last = scheduler.submit(waits, folder, "last");
    await running(last);
    const queued = [1, 2, 3].map((n) => short.submit(folder, n));
    first.kill("SIGTERM");
    await first.said(DRAINS);
    await site.start("second");
    assertEquals(await Promise.all(queued), [1, 2, 3]);
    assertEquals(last.state, "running");
    Deno.writeTextFileSync(`${folder}/gate last`, "");
    assertEquals(await last, "last");
    assertEquals((await first.ended()).code, 0);
    assertEquals(await short.submit(folder, 4), 4);
  });
  assertEquals(startsIn(folder).length, 8);
});

for (const first of ["SIGTERM", "SIGINT"] as const) {
  test(`loses no call by SIGTERM after ${first}`, async (site) => {
    const { folder } = site;
    const worker = await site.start("a");
    const scheduler = site.schedule();
    await during(scheduler, async () => {
      const last = scheduler.submit(waits, folder, "last");
      await running(last);
      worker.kill(first);
      await worker.said(DRAINS);
      worker.kill("SIGTERM");
      Deno.writeTextFileSync(`${folder}/gate last`, "");
      assertEquals(await last, "last");
      assertEquals((await worker.ended()).code, 0);
    });
  });

  test(`loses the call of a worker by SIGINT after ${first}`, async (site) => {
    const worker = await site.start("a");
    const scheduler = site.schedule();
    await during(scheduler, async () => {
      const lost = scheduler.submit(waits, site.folder, "lost");
      await running(lost);
      worker.kill(first);
      await worker.said(DRAINS);
      worker.kill("SIGINT");
      assertEquals((await worker.ended()).code, 1);
      assertEquals((await lossOf(lost)).reason, "died");
    }, ignoreLosses);
  });
}

test("waits for a worker with its code version", async (site) => {
  await site.start("old", "--code-version", "1");
  const scheduler = site.schedule({ codeVersion: "2" });
  await during(scheduler, async () => {
    const future = scheduler.submit((n: number) => n + 1, 1);
    const states = () =>
      scheduler.statistics().workers.map(({ state, remote }) => [remote?.host, state]);
    await until(() => states().length > 0);
    assertEquals([states(), future.state], [[["old", "refused"]], "pending"]);
    await site.start("new", "--code-version", "2");
    assertEquals(await future, 2);
  });
});

test("is told by a worker that takes only modules", async (site) => {
  await site.start("a", "--functions=modules");
  const scheduler = site.schedule();
  await during(scheduler, async () => {
    const error = await assertRejects(() => Promise.resolve(scheduler.submit(() => 1)), TypeError);
    assertStringIncludes(error.message, "--functions=modules");
    assertStringIncludes(error.message, "fromModule()");
    const { scale } = fromModule<typeof import("../fixtures/modules/work.ts")>(
      import.meta.resolve("../fixtures/modules/work.ts"),
    );
    assertEquals(await scheduler.submit(scale, 2), 4);
    // Its source text is its address.
    const inAddress = scheduler.submit(moduleOf("export const work = () => 2;"));
    await assertRejects(() => Promise.resolve(inAddress), TypeError, "--functions=modules");
  }, { onException: "ignore" });
});

test("runs no initializer on a worker that takes only modules", async (site) => {
  await site.start("a", "--functions=modules");
  const scheduler = site.schedule({
    initializer: () => Object.assign(globalThis, { hasRun: true }),
  });
  const { scale } = fromModule<typeof import("../fixtures/modules/work.ts")>(
    import.meta.resolve("../fixtures/modules/work.ts"),
  );
  await during(scheduler, async () => {
    const error = await assertRejects(
      () => Promise.resolve(scheduler.submit(scale, 2)),
      TypeError,
    );
    assertStringIncludes(error.message, "The initializer of scale crosses as source text");
  }, { onException: "ignore" });
});

test("names the machine that lacks a module's file", async (site) => {
  await site.start("box-7");
  const scheduler = site.schedule();
  const { work } = fromModule<{ work(): void }>(`file://${site.folder}/not_there.ts`);
  await during(scheduler, async () => {
    const error = await assertRejects(() => Promise.resolve(scheduler.submit(work)));
    assertInstanceOf(error, ModuleLoadError);
    assertStringIncludes(error.message, "not_there.ts");
    assertStringIncludes(error.message, "box-7");
  }, { onException: "ignore" });
});

test("finds no worker that was idle for too long", async (site) => {
  const scheduler = site.schedule();
  await during(scheduler, async () => {
    const busy = scheduler.submit(waits, site.folder, "busy");
    const worker = await startForCall(site, busy);
    // Longer than it may be idle.
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    Deno.writeTextFileSync(`${site.folder}/gate busy`, "");
    assertEquals(await busy, "busy");
    assertEquals((await worker.ended()).code, 0);
    const next = scheduler.submit((n: number) => n, 3);
    await site.start("next");
    assertEquals(await next, 3);
  });
});

/** A worker that runs the call. One that has been idle for too long before it got the call is replaced. */
async function startForCall(site: Site, call: Future<unknown>): Promise<NatsWorker> {
  const isRunning = running(call).then(() => true);
  for (;;) {
    const worker = await site.start("idle", "--idle-exit", "2");
    if (await Promise.race([isRunning, worker.ended().then(() => false)])) return worker;
  }
}

// --- the server

test("gets all results though the server restarts", async (site) => {
  const { server, folder } = site;
  await site.start("a");
  await site.start("b", "--processes");
  const scheduler = site.schedule();
  const task = scheduler.task(marks);
  const numbers = Array.from({ length: 200 }, (_, n) => n);
  await during(scheduler, async () => {
    const open = scheduler.submit(waits, folder, "open");
    await running(open);
    const futures = numbers.map((n) => task.submit(folder, n));
    await futures[0];
    await server.kill();
    // It ends while its worker has no server.
    Deno.writeTextFileSync(`${folder}/gate open`, "");
    await server.restart();
    assertEquals(await Promise.all(futures), numbers);
    assertEquals(await open, "open");
  });
  assertEquals(new Set(startsIn(folder)).size, 201);
  assertEquals(startsIn(folder).length, 201);
});

test("fails all calls when the server has lost its store", async (site) => {
  const { server, folder } = site;
  await site.start("a");
  const scheduler = site.schedule();
  const outcomes: unknown[] = [];
  scheduler.onFutureException((_future, error) => outcomes.push(error));
  scheduler.onStart(async () => {
    const begun = scheduler.submit(waits, folder, "begun");
    scheduler.submit(waits, folder, "queued");
    await running(begun);
    await server.kill();
    await server.forget();
    await server.restart();
  }, { limit: 1 });
  await assertRejects(() => scheduler.run(), BrokerLostError);
  assertEquals(outcomes.length, 2);
  for (const error of outcomes) assertInstanceOf(error, BrokerLostError);
  assertEquals(startsIn(folder), ["begun"]);
  const again = await during(scheduler, () => scheduler.submit((n: number) => n * 2, 21));
  assertEquals(again, 42);
});

test("leaves nothing on a server that restarts at the end", async (site) => {
  const { server } = site;
  const worker = await site.start("a");
  const scheduler = site.schedule();
  let restarted: Promise<void> | undefined;
  scheduler.onFinishing(async () => {
    await server.kill();
    // After the time that a run waits for the answers of its workers.
    restarted = new Promise<void>((resolve) => setTimeout(resolve, 3_000))
      .then(() => server.restart());
  });
  const result = await during(scheduler, () => scheduler.submit((n: number) => n, 1));
  await restarted;
  assertEquals(result, 1);
  worker.kill("SIGKILL");
  assertEquals(await stateOf(server), [0, 0]);
});

/** How many messages and consumers the stream of the queue has. */
async function stateOf({ address }: NatsServer): Promise<number[]> {
  const connection = await connect({ servers: address });
  const { streams } = await jetstreamManager(connection);
  const { config, state } = await streams.info("AMLTK_losses");
  // What nobody removes goes by age.
  assertEquals(config.max_age, DAY_NANOS);
  await connection.close();
  return [state.messages, state.consumer_count];
}

// --- the scheduler

test("'s workers end the calls of a killed program and serve the next", async (site) => {
  const { server } = site;
  const worker = await site.start("a", "--processes");
  const args = [server.address, "losses"];
  const program = fixtureCommand("remote_forever.ts", ["--allow-all"], args).spawn();
  const reader = program.stdout.pipeThrough(new TextDecoderStream() as never)
    .getReader() as ReadableStreamDefaultReader<string>;
  const { value: pid } = await reader.read();
  program.kill("SIGKILL");
  await Promise.all([reader.cancel(), program.stderr.cancel(), program.status]);
  // Its worker asks for it after half a minute.
  assert(
    await settlesInGrace(ended(Number(pid)), 60_000),
    "The call of the killed program runs on",
  );
  await worker.said("its scheduler has gone");
  const [messages = 0] = await stateOf(server);
  assert(messages > 0);
  const scheduler = site.schedule();
  assertEquals(await during(scheduler, () => scheduler.submit((n: number) => n, 7)), 7);
  assertEquals((await stateOf(server))[0], messages);
});
