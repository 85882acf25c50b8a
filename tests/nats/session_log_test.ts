// What the server stores of a log with two writers, when acknowledgements or messages are lost.
import { assertEquals } from "@std/assert";
import { type NatsStore, testWithStore } from "../fixtures/nats_store.ts";

const never = () => false;
const bytes = (...values: number[]) => new Uint8Array(values);

function test(claim: string, body: (place: NatsStore) => Promise<void>): void {
  testWithStore(`SessionLog ${claim}`, body);
}

async function stored(place: NatsStore): Promise<number[][]> {
  return (await place.messages()).map(({ bytes }) => [...bytes]);
}

test("refuses a writer that does not know the last message", async (place) => {
  const scheduler = place.log(0);
  const stranger = place.log(0);
  assertEquals(await scheduler.append(bytes(1), never), true);
  assertEquals(await stranger.append(bytes(2), never), false);
  const worker = place.log(scheduler.last);
  assertEquals(await worker.append(bytes(3), never), true);
  // The scheduler has not read what the worker wrote.
  assertEquals(await scheduler.append(bytes(4), never), false);
  scheduler.noteRead(worker.last);
  assertEquals(await scheduler.append(bytes(4), never), true);
  assertEquals(await worker.append(bytes(5), never), false);
  assertEquals(await stored(place), [[1], [3], [4]]);
});

test("stores a message once though its acknowledgement was lost", async (place) => {
  let losses = 0;
  const store = place.storeWith(async (publish, ...message) => {
    const ack = await publish(...message);
    if (losses++ < 2) throw new Error("timeout");
    return ack;
  });
  const log = place.log(0, store);
  assertEquals([await log.append(bytes(1), never), log.last], [true, 1]);
  assertEquals([await log.append(bytes(2), never), log.last], [true, 2]);
  assertEquals(await log.append(bytes(3), never), true);
  assertEquals(await stored(place), [[1], [2], [3]]);
});

test("sends a message again that has not arrived", async (place) => {
  let losses = 0;
  const store = place.storeWith((publish, ...message) =>
    losses++ === 0 ? Promise.reject(new Error("timeout")) : publish(...message)
  );
  const log = place.log(0, store);
  assertEquals([await log.append(bytes(1), never), log.last], [true, 1]);
  assertEquals(await stored(place), [[1]]);
});

test("does not store a message that was on its way while the other side ended it", async (place) => {
  const scheduler = place.log(0);
  await scheduler.append(bytes(1), never);
  let ending: Promise<unknown> | undefined;
  const store = place.storeWith(async (publish, ...message) => {
    await (ending ??= scheduler.append(bytes(9), never));
    return await publish(...message);
  });
  assertEquals(await place.log(scheduler.last, store).append(bytes(2), never), false);
  assertEquals(await stored(place), [[1], [9]]);
});

test("tells a writer that the other side has ended it after the lost acknowledgement", async (place) => {
  const scheduler = place.log(0);
  await scheduler.append(bytes(1), never);
  let losses = 0;
  const store = place.storeWith(async (publish, ...message) => {
    const ack = await publish(...message);
    if (losses++ > 0) return ack;
    scheduler.noteRead(ack.seq);
    await scheduler.append(bytes(9), never);
    throw new Error("timeout");
  });
  assertEquals(await place.log(1, store).append(bytes(2), never), false);
  assertEquals(await stored(place), [[1], [2], [9]]);
});

test("stops trying when the session is over", async (place) => {
  let isOver = false;
  const store = place.storeWith(() => {
    isOver = true;
    return Promise.reject(new Error("timeout"));
  });
  assertEquals(await place.log(0, store).append(bytes(1), () => isOver), false);
  assertEquals(await stored(place), []);
});
