// The configuration in docs/more_than_one_machine.md, as it stands there: it lets calls through, and nothing else.
// deno-lint-ignore-file no-console -- what functions print comes as events
import { BrokerLostError, Comm, fromModule, Scheduler, type WorkerComm } from "@amltk/scheduling";
import { NatsExecutor } from "@amltk/scheduling/executors/nats";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type NatsConnection, nkeys } from "@nats-io/nats-core";
import { connect as connectNats } from "@nats-io/transport-deno";
import { during } from "../fixtures/during.ts";
import { covers, GuardedServer, PAGE, PASSWORDS, RIGHTS } from "../fixtures/guarded_nats_server.ts";
import { hasNatsServer, NatsServer } from "../fixtures/nats_server.ts";
import { NatsWorker } from "../fixtures/nats_worker.ts";

function guarded(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `The guide's rights ${name}`, ignore: !hasNatsServer, fn });
}

/** Uses what crosses between a scheduler and its workers. */
async function useAll(scheduler: Scheduler): Promise<void> {
  const { scale } = fromModule<typeof import("../fixtures/modules/work.ts")>(
    import.meta.resolve("../fixtures/modules/work.ts"),
  );
  const data = scheduler.share({ values: new Float64Array(300_000).fill(2) });
  const shared = scheduler.task(({ values }: typeof data, row: number) => values[row]);
  const prints = scheduler.task(() => console.log("printed"));
  const short = scheduler.task((n: number) => n + 1);
  const talks = scheduler.task(
    async (comm: WorkerComm<{ sent: string; asked: number; answered: number }>) => {
      comm.send("message");
      return await comm.request(20);
    },
    { plugins: new Comm() },
  );
  const seen: unknown[] = [];
  prints.onOutput((_future, text) => seen.push(text));
  talks.on("comm-message", (_future, text) => seen.push(text));
  talks.on("comm-request", (_future, n, respond) => respond(n + 1));
  assertEquals(await scheduler.submit(scale, 21), 42);
  assertEquals(await shared.submit(data, 299_999), 2);
  await prints.submit();
  assertEquals(await talks.submit(), 21);
  assertEquals(seen, ["printed\n", "message"]);
  const endless = scheduler.submit(() => new Promise(() => {}));
  endless.cancel();
  await assertRejects(() => Promise.resolve(scheduler.submit(() => JSON.parse("{"))), SyntaxError);
  const many = Array.from({ length: 2_000 }, (_, n) => n);
  assertEquals((await Array.fromAsync(short.map(many))).length, many.length);
}

guarded("let everything through that calls need", async () => {
  await using guard = await GuardedServer.start();
  await using worker = await guard.worker();
  const scheduler = guard.scheduler();
  await during(scheduler, async () => {
    await useAll(scheduler);
    const sleep = scheduler.task(() => {
      console.log("begun");
      return new Promise((end) => setTimeout(() => end("slow"), 1_000));
    });
    const slow = sleep.submit();
    await sleep.once("output");
    await guard.server.kill();
    await guard.server.restart();
    assertEquals(await slow, "slow");
  }, { onException: "ignore" });
  worker.kill("SIGTERM");
  assertEquals((await worker.ended()).code, 0, worker.output);
  const log = await guard.log();
  assertEquals(violations(log), []);
  // The client asks for the consumer when the server has been silent.
  const unused = unusedRights(log).filter((right) => !right.includes("CONSUMER.INFO"));
  assertEquals(unused, []);
});

guarded("let a worker with a key in", async () => {
  const key = nkeys.createUser();
  const rights = RIGHTS.replace(
    /user: worker\s+password: \$WORKER_PASSWORD/,
    `nkey: ${key.getPublicKey()}`,
  );
  await using guard = await GuardedServer.start(rights);
  const seed = `${guard.folder}/worker.seed`;
  await Deno.writeFile(seed, key.getSeed());
  await using _worker = await guard.worker("--nkey", seed);
  const scheduler = guard.scheduler();
  await during(scheduler, () => useAll(scheduler), { onException: "ignore" });
  assertEquals(violations(await guard.log()), []);
});

const WORKER_MAY_NOT = {
  publish: [
    "amltk.train.runs",
    "amltk.train.to.session",
    "amltk.train.log.run.v.1.0",
    "amltk.other.workers",
    "_INBOX_scheduler.forged.1",
    "$JS.ACK.AMLTK_train.consumer.1.1.1.1.1",
    "$JS.API.INFO",
    "$JS.API.STREAM.CREATE.AMLTK_train",
    "$JS.API.STREAM.UPDATE.AMLTK_train",
    "$JS.API.STREAM.DELETE.AMLTK_train",
    "$JS.API.STREAM.PURGE.AMLTK_train",
    "$JS.API.STREAM.INFO.AMLTK_train",
    "$JS.API.STREAM.NAMES",
    "$JS.API.STREAM.MSG.GET.AMLTK_train",
    "$JS.API.STREAM.MSG.DELETE.AMLTK_train",
    "$JS.API.DIRECT.GET.AMLTK_train",
    "$JS.API.CONSUMER.CREATE.AMLTK_train",
    "$JS.API.CONSUMER.CREATE.AMLTK_train.name.amltk.train.log.>",
    "$JS.API.CONSUMER.DURABLE.CREATE.AMLTK_train.name",
    "$JS.API.CONSUMER.DELETE.AMLTK_train.name",
    "$JS.API.CONSUMER.LIST.AMLTK_train",
    "$JS.API.CONSUMER.MSG.NEXT.AMLTK_train.name",
  ],
  subscribe: [
    ">",
    "amltk.>",
    "amltk.train.>",
    "amltk.train.log.>",
    "amltk.train.workers",
    "amltk.train.run.*",
    "_INBOX_scheduler.>",
    "$JS.>",
    "$SYS.>",
  ],
};

const SCHEDULER_MAY_NOT = {
  publish: [
    "amltk.train.workers",
    "amltk.train.run.run",
    "amltk.other.runs",
    "_INBOX_worker.forged.1",
    "$JS.API.INFO",
    "$JS.API.STREAM.CREATE.AMLTK_other",
    "$JS.API.STREAM.UPDATE.AMLTK_train",
    "$JS.API.STREAM.DELETE.AMLTK_train",
    "$JS.API.STREAM.NAMES",
    "$JS.API.STREAM.MSG.GET.AMLTK_train",
    "$JS.API.STREAM.MSG.DELETE.AMLTK_train",
    "$JS.API.DIRECT.GET.AMLTK_train",
    "$JS.API.CONSUMER.CREATE.AMLTK_train",
    "$JS.API.CONSUMER.DURABLE.CREATE.AMLTK_train.name",
    "$JS.API.CONSUMER.LIST.AMLTK_train",
  ],
  subscribe: [
    ">",
    "amltk.>",
    "amltk.train.to.*",
    "amltk.train.log.>",
    "amltk.train.runs",
    "_INBOX_worker.>",
    "$JS.>",
    "$SYS.>",
  ],
};

guarded("refuse everything else to worker and scheduler", async () => {
  await using guard = await GuardedServer.start();
  for (
    const [user, denied] of Object.entries({ worker: WORKER_MAY_NOT, scheduler: SCHEDULER_MAY_NOT })
  ) {
    const connection = await guard.connect(user);
    for (const subject of denied.publish) {
      assert(await isPublishRefused(connection, subject), `${user} publishes ${subject}`);
    }
    for (const subject of denied.subscribe) {
      assert(await isSubscribeRefused(connection, subject), `${user} subscribes to ${subject}`);
    }
    await connection.close();
  }
});

guarded("let a worker ask whether its scheduler is there", async () => {
  await using guard = await GuardedServer.start();
  const worker = await guard.connect("worker");
  const announced = Promise.withResolvers<string>();
  worker.subscribe("amltk.train.runs", {
    callback: (_error, message) => announced.resolve(message.json<{ run: string }>().run),
  });
  const scheduler = guard.scheduler();
  await during(scheduler, async () => {
    const waits = scheduler.submit(() => 1);
    await worker.request(`amltk.train.run.${await announced.promise}`, "", { timeout: 60_000 });
    assert(!await isPublishRefused(worker, "amltk.train.run.unknown"));
    waits.cancel();
  });
  await worker.close();
});

guarded("hide a queue from other accounts", async () => {
  await using guard = await GuardedServer.start();
  await using _worker = await guard.worker();
  const other = await guard.connect("other");
  const heard: string[] = [];
  for (const subject of ["amltk.>", "_INBOX_worker.>", "_INBOX_scheduler.>"]) {
    other.subscribe(subject, { callback: (_error, message) => void heard.push(message.subject) });
  }
  await other.flush();
  const scheduler = guard.scheduler();
  await during(scheduler, async () => {
    await useAll(scheduler);
    const options = { timeout: 30_000 };
    const info = await other.request("$JS.API.STREAM.INFO.AMLTK_train", "", options);
    assertStringIncludes(info.string(), "stream not found");
  }, { onException: "ignore" });
  await other.flush();
  assertEquals(heard, []);
  await other.close();
});

guarded("keep out who has no password, or another one", async () => {
  await using guard = await GuardedServer.start();
  const { address } = guard.server;
  const scheduler = new Scheduler(new NatsExecutor({ connect: address, queue: "train" }));
  scheduler.onStart(() => {
    scheduler.submit(() => 1);
  });
  await assertRejects(() => scheduler.run(), BrokerLostError, "Authorization Violation");
  await Deno.writeTextFile(`${guard.folder}/password`, "guessed");
  const { message } = await assertRejects(() => guard.worker(), Error);
  assertStringIncludes(message, "Authorization Violation");
});

guarded("serve the programs of the page as they stand", async () => {
  await using guard = await GuardedServer.start();
  await using _worker = await guard.worker();
  await using open = await NatsServer.start();
  await using _other = await NatsWorker.start("--servers", open.address, "--queue", "train");
  const [first = "", last = ""] = [...PAGE.matchAll(/^```ts$\n([^]*?)^```$/gm)]
    .map(([, code]) => code ?? "").filter((code) => code.includes("Deno.args"));
  const file = `${guard.folder}/program.ts`;
  await runProgram(file, first, open.address);
  await runProgram(file, last, guard.server.address);
  // A program that has started calls on its own machine would pass as well.
  assertEquals(violations(await guard.log()), []);
});

/** Runs a program of the page with the address of a server; throws if it fails. */
async function runProgram(file: string, code: string, address: string): Promise<void> {
  await Deno.writeTextFile(file, code);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--import-map=import_map.npm.json", "--allow-all", file, address],
    env: { ...PASSWORDS, NO_COLOR: "1" },
  }).output();
  assert(success, new TextDecoder().decode(stderr));
}

Deno.test("What is printed of a NatsExecutor has no password", () => {
  const connect = () => connectNats({ user: "scheduler", pass: PASSWORDS.SCHEDULER_PASSWORD });
  const executor = new NatsExecutor({ connect, queue: "train" });
  const shown = Deno.inspect([executor, new Scheduler(executor)], { depth: 20, showHidden: true });
  assertStringIncludes(shown, "NatsExecutor");
  assert(!shown.includes(PASSWORDS.SCHEDULER_PASSWORD));
});

async function isPublishRefused(connection: NatsConnection, subject: string): Promise<boolean> {
  try {
    await connection.request(subject, "", { timeout: 30_000 });
    return false;
  } catch (error) {
    return /Permissions Violation for Publish/.test((error as Error).message);
  }
}

async function isSubscribeRefused(connection: NatsConnection, subject: string): Promise<boolean> {
  let isRefused = false;
  connection.subscribe(subject, {
    callback: (error) => {
      if (error !== null && /Permissions Violation for Subscription/.test(error.message)) {
        isRefused = true;
      }
    },
  });
  await connection.flush();
  return isRefused;
}

/** The subjects of the configuration that no client has used. */
function unusedRights(log: string): string[] {
  const used = [...log.matchAll(/<<- \[(?:H?PUB|SUB) (\S+)/g)].map(([, subject = ""]) => subject);
  assert(used.length > 100);
  const rights = [...RIGHTS.matchAll(/"([$_\w]\S+)"/g)].map(([, right = ""]) => right);
  assert(rights.length > 15);
  return rights.filter((right) => !used.some((subject) => covers(right, subject)));
}

function violations(log: string): string[] {
  return log.split("\n").filter((line) => /violation/i.test(line));
}
