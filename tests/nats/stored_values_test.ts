// When shared values are stored on the server, and when they are removed.
import type { Call } from "@amltk/scheduling";
import { assertEquals, assertRejects } from "@std/assert";
import { SharedValues } from "../../executors/_calls/shared_values.ts";
import type { Broker } from "../../executors/nats/_home/broker.ts";
import { StoredValues } from "../../executors/nats/_home/stored_values.ts";

/** Values of a run, with what the server was told. */
function storeWith(store: () => Promise<number>) {
  const told: string[] = [];
  const broker = {
    storeValue(id: number) {
      told.push(`store ${id}`);
      return store();
    },
    removeValue(id: number) {
      told.push(`remove ${id}`);
      return Promise.resolve();
    },
  };
  const values = new SharedValues();
  const stored = new StoredValues(broker as unknown as Broker, values);
  const value = values.add({ xs: [1] });
  const call = { args: [1, value, value] } as unknown as Call;
  return { told, stored, call };
}

Deno.test("StoredValues stores a value once, for the first call", async () => {
  const { told, stored, call } = storeWith(() => Promise.resolve(3));
  await stored.store(call);
  assertEquals([stored.store(call), told], [undefined, ["store 1"]]);
  const shared = [1, 2].map((index) => ({ index, id: 1, parts: 3 }));
  assertEquals(stored.split(call), { args: [1, undefined, undefined], shared });
  stored.close();
});

Deno.test("StoredValues removes a value when no sent call takes it", async () => {
  const { told, stored, call } = storeWith(() => Promise.resolve(1));
  await stored.store(call);
  const { shared } = stored.split(call);
  stored.use(shared);
  stored.use(shared);
  stored.release(1);
  stored.unuse(shared);
  assertEquals(told, ["store 1"]);
  stored.unuse(shared);
  assertEquals(told, ["store 1", "remove 1"]);
});

Deno.test("StoredValues removes what it could not store whole", async () => {
  const { told, stored, call } = storeWith(() => Promise.reject(new Error("full")));
  await assertRejects(() => stored.store(call) as Promise<unknown>, Error, "full");
  assertEquals(told, ["store 1", "remove 1"]);
  await assertRejects(() => stored.store(call) as Promise<unknown>, Error, "full");
  assertEquals(told.filter((text) => text === "store 1").length, 2);
});

Deno.test("StoredValues removes again what was released while it was stored", async () => {
  const parts = Promise.withResolvers<number>();
  const { told, stored, call } = storeWith(() => parts.promise);
  const storing = stored.store(call);
  stored.release(1);
  assertEquals(told, ["store 1", "remove 1"]);
  parts.resolve(2);
  await storing;
  assertEquals(told, ["store 1", "remove 1", "remove 1"]);
});
