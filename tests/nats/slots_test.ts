// How many calls the workers of a remote program run.
import { assert, assertEquals } from "@std/assert";
import { Slots } from "../../executors/nats/_remote/slots.ts";

Deno.test("Slots are idle from the end of the last call on", () => {
  const slots = new Slots(1);
  const begin = performance.now();
  while (performance.now() < begin + 5);
  assert(slots.idleMs >= 4);
  slots.take(1);
  assertEquals(slots.idleMs, 0);
  const end = performance.now();
  slots.give(1);
  // Whoever looks once in a while sees that a short call has run.
  assert(slots.idleMs <= performance.now() - end);
});

Deno.test("Slots let short calls begin ahead, and nothing longer beside them", () => {
  const slots = new Slots(1);
  slots.take(1);
  assertEquals([slots.hasRoomFor(1), slots.hasRoomFor(6), slots.hasRoomFor(1e9)], [
    true,
    false,
    false,
  ]);
  slots.take(1);
  assertEquals(slots.hasRoomFor(1), false);
  const looked: string[] = [];
  slots.wait(() => looked.push("a"));
  slots.give(1);
  slots.give(1);
  assertEquals([looked, slots.hasRoomFor(1e9)], [["a"], true]);
});

Deno.test("Slots let no stream of short calls keep a longer one waiting", () => {
  const slots = new Slots(1);
  const begun: string[] = [];
  const begin = (name: string, ms: number) => {
    if (!slots.hasRoomFor(ms)) return slots.wait(() => begin(name, ms));
    slots.take(ms);
    begun.push(name);
  };
  begin("short", 1);
  begin("long", 1e9);
  begin("next short", 1);
  slots.give(1);
  assertEquals(begun, ["short", "long"]);
});
