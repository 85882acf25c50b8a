// What waits in a worker while the server cannot be reached.
import { assertEquals, assertThrows } from "@std/assert";
import { LogWriter } from "../../executors/nats/_remote/log_writer.ts";
import { decodeItems } from "../../executors/nats/_wire/encoding.ts";
import { PartReader } from "../../executors/nats/_wire/parts.ts";
import type { SessionLog } from "../../executors/nats/_wire/session_log.ts";

const OBSERVER = { received: 0, refused: () => {} };

/** A log that stores a message when it is told to. */
class HeldLog {
  readonly stored: Uint8Array[] = [];
  #next = Promise.withResolvers<boolean>();

  append(bytes: Uint8Array): Promise<boolean> {
    this.stored.push(bytes);
    return this.#next.promise;
  }

  answer(isStored: boolean): void {
    this.#next.resolve(isStored);
    this.#next = Promise.withResolvers();
  }
}

function writerTo(log: HeldLog, observer = OBSERVER): LogWriter {
  return new LogWriter(log as unknown as SessionLog, 2 ** 20, observer);
}

Deno.test("LogWriter refuses a call that sends more than it may keep", () => {
  const writer = writerTo(new HeldLog());
  // Not copied before it is written.
  const message = "x".repeat(2 ** 26);
  for (let n = 0; n < 4; n++) writer.write({ type: "comm", call: 1, message });
  writer.checkRoom("chatty");
  writer.write({ type: "comm", call: 1, message });
  assertThrows(() => writer.checkRoom("chatty"), RangeError, "chatty sends more than the network");
  writer.close();
});

Deno.test("LogWriter writes together what has come meanwhile, and says what is stored", async () => {
  const log = new HeldLog();
  const writer = writerTo(log);
  const said: number[] = [];
  const claim = (batch: number) => writer.write({ type: "claimed", batch }, () => said.push(batch));
  claim(1);
  await Promise.resolve();
  claim(2);
  claim(3);
  assertEquals([log.stored.length, said], [1, []]);
  log.answer(true);
  while (log.stored.length < 2) await Promise.resolve();
  assertEquals(said, [1]);
  log.answer(true);
  await writer.flushed();
  assertEquals(said, [1, 2, 3]);
  const reader = new PartReader();
  const read = log.stored.map((part) => decodeItems(reader.read(part) as Uint8Array));
  assertEquals(read, [[1], [2, 3]].map((all) => all.map((batch) => ({ type: "claimed", batch }))));
  writer.close();
});

Deno.test("LogWriter says that the scheduler has ended the log", async () => {
  const log = new HeldLog();
  let refusals = 0;
  const writer = writerTo(log, { received: 0, refused: () => refusals++ });
  const said: number[] = [];
  writer.write({ type: "claimed", batch: 1 }, () => said.push(1));
  await Promise.resolve();
  log.answer(false);
  await writer.flushed();
  assertEquals([refusals, said], [1, []]);
  writer.close();
});
