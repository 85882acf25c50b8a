// What a program says on stderr when its calls wait for something that does not come by itself.
import type { Call } from "@amltk/scheduling";
import { assertStringIncludes } from "@std/assert";
import { whyNobodyTakes } from "../../executors/nats/_home/wait_notice.ts";
import { hasNatsServer, NatsServer } from "../fixtures/nats_server.ts";
import { NatsWorker } from "../fixtures/nats_worker.ts";
import { fixtureCommand } from "../fixtures/run_fixture.ts";

const QUEUE = "waiting";

/** Runs a program that waits for a call, until it has said a text on stderr. */
async function untilSaid(text: string, { address }: NatsServer, bytes: number): Promise<void> {
  const args = [address, QUEUE, `${bytes}`];
  const program = fixtureCommand("waits_on_nats.ts", ["--allow-all"], args).spawn();
  let said = "";
  for await (const chunk of program.stderr.pipeThrough(new TextDecoderStream() as never)) {
    said += chunk;
    if (said.includes(text)) break;
  }
  program.kill("SIGKILL");
  await program.stdout.cancel();
  await program.status;
  assertStringIncludes(said, text);
}

Deno.test({
  name: "a program whose calls wait says that there is no worker",
  ignore: !hasNatsServer,
  async fn() {
    await using server = await NatsServer.start();
    await untilSaid(`Calls wait on the queue ${QUEUE}: it has no worker; start one`, server, 1);
  },
});

Deno.test({
  name: "a program whose calls wait says that the store of the server is full",
  ignore: !hasNatsServer,
  async fn() {
    await using server = await NatsServer.start({ maxStore: "3MB" });
    await using _worker = await NatsWorker.start("--servers", server.address, "--queue", QUEUE);
    const text = "the NATS server does not store their messages: insufficient resources";
    await untilSaid(`Calls wait on the queue ${QUEUE}: ${text}`, server, 8_000_000);
  },
});

Deno.test("whyNobodyTakes() names what the workers lack", () => {
  const call = { name: "train", limits: { memory: 1e9 } } as unknown as Call;
  const known = { call, hasWorkers: false, hasRefused: true, codeVersion: "v2" };
  assertStringIncludes(
    whyNobodyTakes(known),
    "do not have the same protocol and the code version v2",
  );
  const limited = whyNobodyTakes({ ...known, hasWorkers: true });
  assertStringIncludes(
    limited,
    "enforces the limits of train (memory); start one with --processes",
  );
});
