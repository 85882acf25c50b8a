// The claims about executors, on a real server and with real programs as workers.
import { NatsExecutor } from "@amltk/scheduling/executors/nats";
import { executorContract } from "@amltk/scheduling/executors/contract";
import { hasNatsServer, NatsServer } from "../fixtures/nats_server.ts";
import { NatsWorker } from "../fixtures/nats_worker.ts";

const WORKERS = ["--workers", "2", "--servers"];

interface Fleet {
  readonly server: NatsServer;
  readonly workers: readonly NatsWorker[];
}

let fleet: Promise<Fleet> | undefined;

/** One server with two queues: one for threads, one for processes. */
async function startFleet(): Promise<Fleet> {
  const server = await NatsServer.start();
  const workers = await Promise.all([
    NatsWorker.start(...WORKERS, server.address, "--queue", "threads"),
    NatsWorker.start(...WORKERS, server.address, "--queue", "processes", "--processes"),
  ]);
  return { server, workers };
}

Deno.test.beforeAll(async () => {
  if (hasNatsServer) await (fleet = startFleet());
});

Deno.test.afterAll(async () => {
  if (fleet === undefined) return;
  const { server, workers } = await fleet;
  for (const worker of workers) await worker[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

for (const queue of ["threads", "processes"]) {
  for (const output of ["inherit", "event"] as const) {
    for (const { name, check } of executorContract) {
      Deno.test({
        name: `NatsExecutor with ${queue} and output ${output} ${name}`,
        ignore: !hasNatsServer,
        async fn() {
          const { server } = await (fleet as Promise<Fleet>);
          const connect = server.address;
          await check((maxConcurrent) =>
            new NatsExecutor({ connect, queue, maxConcurrent, output })
          );
        },
      });
    }
  }
}
