// What becomes of a call whose workers end before it starts, one after the other.
import { Scheduler, WorkerLostError } from "@amltk/scheduling";
import { NatsExecutor } from "@amltk/scheduling/executors/nats";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { connect } from "@nats-io/transport-deno";
import { PROTOCOL } from "../../executors/nats/_wire/messages.ts";
import { PartWriter } from "../../executors/nats/_wire/parts.ts";
import { Subjects } from "../../executors/nats/_wire/subjects.ts";
import { during } from "../fixtures/during.ts";
import { hasNatsServer, NatsServer } from "../fixtures/nats_server.ts";

const QUEUE = "undeliverable";
const UNREADABLE = new Uint8Array([0xff, 0xff, 0xff, 0xff, 0xff]);

Deno.test({
  name: "NatsExecutor gives up a call that three workers could not start",
  ignore: !hasNatsServer,
  async fn() {
    await using server = await NatsServer.start();
    const connection = await connect({ servers: server.address });
    const subjects = new Subjects(QUEUE);
    const machine = { worker: "w", host: "h", cores: 1, slots: 1, limits: [], deno: "2" };
    const from = { ...machine, protocol: PROTOCOL };
    let sessions = 0;
    // Takes part in the run, and ends as soon as it is sent anything.
    const join = (run: string) => {
      const session = `session-${++sessions}`;
      const subscription = connection.subscribe(subjects.commands(session), {
        callback: (_error, { data }) => {
          if (data.length === 0) return;
          subscription.unsubscribe();
          const [part] = new PartWriter(1_000).partsOf(UNREADABLE);
          connection.publish(subjects.ofRun(run).session(session), part?.bytes);
          join(run);
        },
      });
      connection.publish(subjects.workers, JSON.stringify({ from, run, session }));
    };
    const announced = connection.subscribe(subjects.runs, {
      callback: (_error, message) => {
        announced.unsubscribe();
        join(message.json<{ run: string }>().run);
      },
    });
    await connection.flush();
    const scheduler = new Scheduler(new NatsExecutor({ connect: server.address, queue: QUEUE }));
    await during(scheduler, async () => {
      const lost = scheduler.submit(() => 1);
      const error = await assertRejects(() => Promise.resolve(lost), WorkerLostError);
      assertEquals(error.reason, "undeliverable");
      assertStringIncludes(error.message, "3 workers ended before it started");
    }, { onException: "ignore", timeout: 30_000 });
    await connection.close();
  },
});
