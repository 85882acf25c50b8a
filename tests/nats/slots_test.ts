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
