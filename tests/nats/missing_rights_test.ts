// A program whose user lacks a right in docs/more_than_one_machine.md fails, and names it.
import { assert, assertStringIncludes } from "@std/assert";
import { covers, GuardedServer, PREFIX, RIGHTS } from "../fixtures/guarded_nats_server.ts";
import { hasNatsServer } from "../fixtures/nats_server.ts";
import { NatsWorker } from "../fixtures/nats_worker.ts";

// A run that fails leaves a timer of 200 ms at most.
const UNSANITIZED = { ignore: !hasNatsServer, sanitizeOps: false, sanitizeResources: false };

// Those without which nothing works, by their user.
const NEEDED = {
  scheduler: [
    "amltk.train.runs",
    "amltk.train.to.*",
    "amltk.train.log.>",
    "$JS.API.STREAM.CREATE.AMLTK_train",
    "$JS.API.CONSUMER.CREATE.AMLTK_train.>",
    "$JS.API.CONSUMER.MSG.NEXT.AMLTK_train.*",
    "_INBOX_scheduler.>",
    "amltk.train.workers",
    "amltk.train.run.*",
  ],
  worker: [
    "amltk.train.workers",
    "amltk.train.run.*",
    "amltk.train.log.*.s.*",
    "_INBOX_worker.>",
    "amltk.train.runs",
    "amltk.train.to.*",
  ],
};

for (const [user, rights] of Object.entries(NEEDED)) {
  for (const right of rights) {
    const name = `A ${user} without the right to ${right} fails and names it`;
    Deno.test({
      ...UNSANITIZED,
      name,
      fn: async () => {
        await using guard = await GuardedServer.start(without(right, user));
        const [, subject = ""] = /forbids what this program must do.* to "(\S+)"/.exec(
          await failureOf(guard, PREFIX),
        ) ?? [];
        assert(covers(right, subject), subject);
      },
    });
  }
}

Deno.test({
  ...UNSANITIZED,
  name: "A worker names the option for the prefix of its answers",
  fn: async () => {
    await using guard = await GuardedServer.start();
    assertStringIncludes(await failureOf(guard, []), "--inbox-prefix of nats-worker");
  },
});

/** The configuration without a right of a user. */
function without(right: string, user: string): string {
  const at = RIGHTS.indexOf(`user: ${user}`);
  return RIGHTS.slice(0, at) + RIGHTS.slice(at).replace(`"${right}"`, `"none"`);
}

/** How the run of a call fails, or its worker, whichever does first. */
async function failureOf(guard: GuardedServer, prefix: readonly string[]): Promise<string> {
  await using worker = new NatsWorker([...guard.queue, ...guard.password, ...prefix]);
  await using scheduler = guard.scheduler();
  scheduler.onStart(() => {
    scheduler.submit(() => 1);
  });
  const run = scheduler.run().then(() => "the call has ended", (error) => `${error}`);
  return await Promise.race([run, worker.ended().then(() => worker.output)]);
}
