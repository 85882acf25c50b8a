// What becomes of a worker, and of a run, when the other side or the stream has been replaced meanwhile.
import { BrokerLostError, Scheduler } from "@amltk/scheduling";
import { NatsExecutor } from "@amltk/scheduling/executors/nats";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-deno";
import { assertEquals, assertRejects } from "@std/assert";
import { during } from "../fixtures/during.ts";
import { hasNatsServer, NatsServer } from "../fixtures/nats_server.ts";
import { NatsWorker } from "../fixtures/nats_worker.ts";

const QUEUE = "returns";
// The shortest one.
const LOST_AFTER = 5_000;
// Ends the run of a test that would wait for ever.
const BOUND = { timeout: 120_000, wait: false } as const;

/** What a test has: a server with a worker, and a scheduler. */
interface Site {
  readonly server: NatsServer;
  readonly worker: NatsWorker;
  readonly scheduler: Scheduler;
}

function test(claim: string, body: (site: Site) => Promise<void>): void {
  Deno.test({
    name: `NatsExecutor ${claim}`,
    ignore: !hasNatsServer,
    async fn() {
      await using server = await NatsServer.start();
      const { address } = server;
      const options = ["--servers", address, "--queue", QUEUE, "--workers", "1"];
      await using worker = await NatsWorker.start(...options);
      const executor = new NatsExecutor({ connect: address, queue: QUEUE, lostAfter: LOST_AFTER });
      await body({ server, worker, scheduler: new Scheduler(executor) });
    },
  });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Deletes the stream of the queue, and makes one of the same kind with as many messages. */
async function replaceStream({ address }: NatsServer): Promise<void> {
  const connection = await connect({ servers: address });
  const { streams } = await jetstreamManager(connection);
  const { config, state } = await streams.info(`AMLTK_${QUEUE}`);
  await streams.delete(config.name);
  await streams.add(config);
  // Of another run. Its number of messages tells nobody that it is another stream.
  for (let n = 0; n < state.last_seq + 20; n++) {
    connection.publish(`amltk.${QUEUE}.log.other.s.x`, new Uint8Array(9));
  }
  await connection.flush();
  await connection.close();
}

test("uses an idle worker again that it had given up", async ({ worker, scheduler }) => {
  const add = scheduler.task((n: number) => n + 1);
  await during(scheduler, async () => {
    assertEquals(await add.submit(1), 2);
    worker.kill("SIGSTOP");
    await until(() => scheduler.statistics().workers[0]?.losses === 1);
    worker.kill("SIGCONT");
    assertEquals(await add.submit(2), 3);
    await worker.said("its scheduler has given it up");
    const [{ starts, losses } = {}] = scheduler.statistics().workers;
    assertEquals([starts, losses], [2, 1]);
  }, BOUND);
});

test("fails its call when its stream was deleted and made anew", async ({ server, scheduler }) => {
  const outcomes: unknown[] = [];
  scheduler.onFutureException((_future, error) => outcomes.push(error));
  scheduler.onStart(async () => {
    const begun = scheduler.submit(() => new Promise(() => {}));
    await until(() => begun.state === "running");
    await replaceStream(server);
  });
  await assertRejects(() => scheduler.run(BOUND), BrokerLostError);
  assertEquals(outcomes.map((error) => error instanceof BrokerLostError), [true]);
});
