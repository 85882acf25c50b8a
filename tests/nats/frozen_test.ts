// What becomes of calls while nothing reaches the scheduler, though its connection seems to last.
import { Scheduler } from "@amltk/scheduling";
import { NatsExecutor } from "@amltk/scheduling/executors/nats";
import { assertEquals } from "@std/assert";
import { Proxy } from "../../tools/chaos/nats/proxy.ts";
import { during } from "../fixtures/during.ts";
import { hasNatsServer, NatsServer } from "../fixtures/nats_server.ts";
import { NatsWorker } from "../fixtures/nats_worker.ts";

const LOST_AFTER = 5_000;

/** Ends when the file is there. */
async function waits(gate: string): Promise<string> {
  for (;;) {
    try {
      Deno.statSync(gate);
      return "opened";
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

Deno.test({
  name: "NatsExecutor loses nobody while its own connection is silent for longer than lostAfter",
  ignore: !hasNatsServer,
  async fn() {
    await using server = await NatsServer.start();
    const options = ["--servers", server.address, "--queue", "frozen", "--workers", "1"];
    await using _worker = await NatsWorker.start(...options);
    const folder = await Deno.makeTempDir();
    const proxy = new Proxy(server.port);
    const connect = `nats://127.0.0.1:${proxy.port}`;
    const executor = new NatsExecutor({ connect, queue: "frozen", lostAfter: LOST_AFTER });
    const scheduler = new Scheduler(executor);
    await during(scheduler, async () => {
      const call = scheduler.submit(waits, `${folder}/gate`);
      while (call.state !== "running") await new Promise((resolve) => setTimeout(resolve, 5));
      await proxy.freeze(LOST_AFTER + 3_000);
      await Deno.writeTextFile(`${folder}/gate`, "");
      assertEquals(await call, "opened");
    });
    proxy.close();
    await Deno.remove(folder, { recursive: true });
  },
});
