// How long a message waits for its acknowledgement before it is sent again.
import { assert, assertEquals, assertGreaterOrEqual, assertLess, assertRejects } from "@std/assert";
import { AckTimeout } from "../../executors/nats/_wire/ack_timeout.ts";

const late = (timeout: number) =>
  new Promise<never>((_, reject) => setTimeout(() => reject(new Error("late")), timeout));

async function next(timeouts: AckTimeout): Promise<number> {
  return await timeouts.during((timeout) => Promise.resolve(timeout));
}

Deno.test("AckTimeout waits for longer after late answers, and for less after quick ones", async () => {
  const timeouts = new AckTimeout(20);
  // Several that are late at the same time count once.
  await Promise.all([1, 2, 3].map(() => assertRejects(() => timeouts.during(late), Error, "late")));
  await assertRejects(() => timeouts.during(late), Error, "late");
  const begin = performance.now();
  assertEquals(await next(timeouts), 80);
  const took = performance.now() - begin;
  const shorter = await next(timeouts);
  assert(shorter >= 20 && shorter <= Math.max(20, 2 * took), `${shorter} after ${took}`);
});

Deno.test("AckTimeout keeps its time when the server refuses at once", async () => {
  const timeouts = new AckTimeout(2_000);
  const refuses = () => Promise.reject(new Error("refused"));
  await assertRejects(() => timeouts.during(refuses), Error, "refused");
  assertEquals(await next(timeouts), 2_000);
});

Deno.test("AckTimeout waits for twice as long as the last answer took", async () => {
  const timeouts = new AckTimeout(1);
  const begin = performance.now();
  await timeouts.during(() => new Promise((resolve) => setTimeout(resolve, 10)));
  const took = performance.now() - begin;
  const timeout = await next(timeouts);
  assertGreaterOrEqual(timeout, 18);
  assertLess(timeout, 2 * took + 1);
});
