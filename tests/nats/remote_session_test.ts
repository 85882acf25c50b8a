// When a worker may begin the calls that it was sent: once the log of its session says so, and never later.
import { assertEquals } from "@std/assert";
import type { Command, LogEvent } from "../../executors/nats/_wire/messages.ts";
import { MARK } from "../../executors/nats/_wire/parts.ts";
import type { SessionLog } from "../../executors/nats/_wire/session_log.ts";
import { type NatsStore, testWithStore } from "../fixtures/nats_store.ts";
import { RemoteSide } from "../fixtures/remote_side.ts";

const GIVEN_UP = "its scheduler has given it up";
const FUNCTION: Command = {
  type: "function",
  id: 1,
  source: { kind: "source", name: "one", source: "() => 1" },
};
const never = () => false;

function test(
  claim: string,
  body: (place: NatsStore, scheduler: SessionLog) => Promise<void>,
): void {
  testWithStore(`RemoteSession ${claim}`, async (place) => {
    const scheduler = place.log(0);
    await scheduler.append(MARK, never);
    await body(place, scheduler);
  });
}

const welcome = ({ last }: SessionLog): Command => ({
  type: "welcome",
  last,
  slots: 1,
  capturesOutput: false,
  patience: 30,
});

/** A batch of one call, whose name shows its number. */
const calls = (id: number): Command => ({
  type: "calls",
  batch: id,
  calls: [{ id, name: `call ${id}`, functionId: 1, args: "[]" }],
  expectedMs: 1e9,
});

test("begins a call once the server has stored that it does", async (place, scheduler) => {
  const sent = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const store = place.storeWith(async (publish, ...message) => {
    sent.resolve();
    await gate.promise;
    return await publish(...message);
  });
  await using worker = new RemoteSide(place, store);
  worker.obey(welcome(scheduler), FUNCTION, calls(1));
  await sent.promise;
  assertEquals([worker.names, await place.events()], [[], []]);
  gate.resolve();
  assertEquals(await worker.given, "call 1");
  assertEquals(await place.events(), [{ type: "claimed", batch: 1 }]);
});

test("begins no call after its scheduler has ended the log", async (place, scheduler) => {
  await using worker = new RemoteSide(place);
  worker.obey(welcome(scheduler), FUNCTION);
  await scheduler.append(MARK, never);
  worker.obey(calls(1));
  assertEquals(await Promise.race([worker.ended, worker.given]), GIVEN_UP);
  assertEquals([worker.names, await place.events()], [[], []]);
});

test("ends a running call when it learns that the log has ended", async (place, scheduler) => {
  await using worker = new RemoteSide(place);
  worker.obey(welcome(scheduler), FUNCTION, calls(1));
  await worker.given;
  const [claim] = (await place.messages()).slice(1);
  scheduler.noteRead(claim?.sequence ?? 0);
  await scheduler.append(MARK, never);
  const [running] = worker.executor.calls;
  running?.started(performance.now());
  assertEquals(await worker.ended, GIVEN_UP);
  assertEquals(worker.executor.cancelled.map(({ name }) => name), ["call 1"]);
  assertEquals(await place.events(), [{ type: "claimed", batch: 1 }]);
});

test("does not begin a call that was cancelled on the way", async (place, scheduler) => {
  await using worker = new RemoteSide(place);
  worker.obey(welcome(scheduler), FUNCTION, calls(1), { type: "cancel", call: 1 }, calls(2));
  assertEquals([await worker.given, worker.names], ["call 2", ["call 2"]]);
});

test("ends when the last call of a worker that drains is taken back", async (place, scheduler) => {
  await using worker = new RemoteSide(place);
  worker.obey(welcome(scheduler), FUNCTION, calls(1));
  await worker.given;
  worker.session.leave();
  worker.obey({ type: "take-back", request: 1, calls: [1] });
  assertEquals(await worker.ended, "");
  const types = (await place.events() as LogEvent[]).map(({ type }) => type);
  assertEquals(types, ["claimed", "leaving", "returned", "left"]);
});
