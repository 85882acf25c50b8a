// A login in the address of a server is refused, because the client would not use it.
import { NatsExecutor, serveNats } from "@amltk/scheduling/executors/nats";
import { assert, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { NatsWorker } from "../fixtures/nats_worker.ts";

const WITH_LOGIN = [
  "nats://user:hunter2@127.0.0.1:4222",
  "user:hunter2@127.0.0.1",
  "nats://hunter2@127.0.0.1:4222",
  "nats://127.0.0.1:4222,nats://user:hunter2@127.0.0.2:4222",
];
const LOGIN_REFUSED = "The address of a NATS server must not contain a user, password or token";

for (const connect of WITH_LOGIN) {
  Deno.test(`NatsExecutor and serveNats() refuse a login in ${connect}`, async () => {
    const errors = [
      assertThrows(() => new NatsExecutor({ connect, queue: "train" }), TypeError, LOGIN_REFUSED),
      await assertRejects(() => serveNats({ connect, queue: "train" }), TypeError, LOGIN_REFUSED),
    ];
    for (const { message } of errors) {
      assertStringIncludes(message, "a function that connects with an authenticator");
      assert(!message.includes("hunter2"), message);
    }
  });
}

Deno.test("nats-worker refuses a login in an address", async () => {
  const [servers = ""] = WITH_LOGIN;
  await using worker = new NatsWorker(["--servers", servers, "--queue", "train"]);
  const { code } = await worker.ended();
  assert(code === 1);
  assertStringIncludes(worker.output, `nats-worker: ${LOGIN_REFUSED}`);
  assertStringIncludes(worker.output, "name --user and --password-file, --nkey or --creds");
  assert(!worker.output.includes("hunter2"), worker.output);
});
