// How commands reach a session over a connection that loses some of them.
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { CommandSender } from "../../executors/nats/_home/command_sender.ts";
import { decodeItems } from "../../executors/nats/_wire/encoding.ts";
import type { Command } from "../../executors/nats/_wire/messages.ts";
import { PartReader } from "../../executors/nats/_wire/parts.ts";

/** The other end of a connection that loses what `loses` says, by the number of the message. */
class Session {
  readonly obeyed: unknown[] = [];
  readonly #reader = new PartReader();
  readonly #loses: (count: number) => boolean;
  #count = 0;

  constructor(loses: (count: number) => boolean) {
    this.#loses = loses;
  }

  hear(bytes: Uint8Array): void {
    if (this.#loses(++this.#count) || bytes.length === 0) return;
    const message = this.#reader.read(bytes);
    if (message !== undefined) this.obeyed.push(...decodeItems(message) as Command[]);
  }

  answer(): Promise<Uint8Array> {
    const ack = { received: this.#reader.last, clock: 0 };
    return Promise.resolve(new TextEncoder().encode(JSON.stringify(ack)));
  }
}

function senderTo(session: Session, maxPartBytes = 64): CommandSender {
  return new CommandSender({
    maxPartBytes,
    publish: (bytes) => session.hear(bytes),
    request(bytes) {
      session.hear(bytes);
      return session.answer();
    },
    answered: () => {},
  });
}

const cancel = (call: number): Command => ({ type: "cancel", call });

Deno.test("CommandSender sends again what was lost, in order", async () => {
  const losses = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 20 });
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 12 }), losses, async (count, lost) => {
    const session = new Session((n) => lost.includes(n));
    const sender = senderTo(session);
    const sent = Array.from({ length: count }, (_, n) => cancel(n));
    for (const command of sent) {
      sender.send(command);
      await Promise.resolve();
    }
    for (let pings = 0; pings < 40; pings++) await sender.ping(1_000);
    assertEquals(session.obeyed, sent);
  }));
});

Deno.test("CommandSender finishes when the last command was received", async () => {
  const session = new Session((n) => n < 8);
  const sender = senderTo(session);
  for (let n = 0; n < 5; n++) sender.send(cancel(n));
  await sender.finish({ type: "end" });
  assertEquals(session.obeyed, [...[0, 1, 2, 3, 4].map(cancel), { type: "end" }]);
  sender.send(cancel(5));
  await sender.ping(1_000);
  assertEquals(session.obeyed.length, 6);
});

Deno.test("CommandSender sends a large command in parts", async () => {
  const session = new Session(() => false);
  const sender = senderTo(session, 2 ** 20);
  const args = new Uint8Array(2 ** 25);
  const command: Command = {
    type: "calls",
    batch: 1,
    calls: [{ id: 1, name: "large", functionId: 1, args }],
    expectedMs: 1,
  };
  sender.send(command);
  await sender.finish({ type: "end" });
  assertEquals(session.obeyed.length, 2);
  assertEquals((session.obeyed[0] as typeof command).calls[0]?.args.length, args.length);
});
