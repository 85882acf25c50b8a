// The claims about executors, on a real server and with real programs as workers.
import { executorContract } from "@amltk/scheduling/executors/contract";
import { NatsFleet, QUEUES } from "../fixtures/nats_fleet.ts";
import { hasNatsServer } from "../fixtures/nats_server.ts";

const fleet = new NatsFleet();

for (const queue of QUEUES) {
  for (const output of ["inherit", "event"] as const) {
    for (const { name, check } of executorContract) {
      Deno.test({
        name: `NatsExecutor with ${queue} and output ${output} ${name}`,
        ignore: !hasNatsServer,
        // What the worker programs print is read between tests as well.
        sanitizeOps: false,
        fn: () => check((maxConcurrent) => fleet.executor(queue, { maxConcurrent, output })),
      });
    }
  }
}
