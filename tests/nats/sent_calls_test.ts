// What a scheduler keeps of the calls that one remote worker has.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { FunctionTable } from "../../executors/_calls/function_table.ts";
import { RemoteClock } from "../../executors/nats/_home/remote_clock.ts";
import { SentCalls } from "../../executors/nats/_home/sent_calls.ts";
import type { StoredValues } from "../../executors/nats/_home/stored_values.ts";
import type { Command } from "../../executors/nats/_wire/messages.ts";
import { notedCall } from "../fixtures/noted_call.ts";

const work = () => {};

function newSentCalls(
  functions = new FunctionTable(),
  send: (command: Command) => void = () => {},
): SentCalls {
  let lastId = 0;
  const values: Pick<StoredValues, "split" | "use" | "unuse"> = {
    split: ({ args }) => ({ args: [...args], shared: [] }),
    use: () => {},
    unuse: () => {},
  };
  return new SentCalls({
    functions,
    values: values as StoredValues,
    clock: new RemoteClock(),
    send,
    numberOf: (slot) => slot,
    nextId: () => ++lastId,
    ended: () => {},
    left: () => {},
  });
}

Deno.test("SentCalls fails a call whose result cannot be read", () => {
  const calls = newSentCalls();
  const outcomes: unknown[] = [];
  calls.add(notedCall("read", outcomes));
  calls.flush();
  calls.claimed({ type: "claimed", batch: 1 });
  const value = new Uint8Array([0xff, 0xfe, 1]);
  const rest = { startedAt: 1, endedAt: 2, slot: 1 };
  calls.ended({ type: "ended", call: 1, outcome: { ok: true, value }, ...rest });
  assertEquals([outcomes.length, calls.size], [1, 0]);
  assertStringIncludes(String(outcomes[0]), "The result of read cannot be read");
});

Deno.test("SentCalls forgets calls that never begin", async () => {
  const calls = newSentCalls();
  const kept = ["cancelled", "taken back"].map((way) => {
    const argument = { way };
    const call = notedCall("read", [], [argument]);
    calls.add(call);
    calls.flush();
    const [sent] = calls;
    if (sent === undefined) throw new Error("nothing was sent");
    if (way === "cancelled") calls.cancel(sent);
    else calls.take([sent.id]);
    return new WeakRef(argument);
  });
  await new Promise((resolve) => setTimeout(resolve, 0));
  (globalThis as { gc?: () => void }).gc?.();
  assertEquals(kept.map((ref) => ref.deref()), [undefined, undefined]);
  assertEquals(calls.size, 0);
});

Deno.test("SentCalls knows how long its calls will take, though the task has become quicker", () => {
  const functions = new FunctionTable();
  const calls = newSentCalls(functions);
  const fn = functions.lookUp(work);
  for (let n = 0; n < 100; n++) fn.observe(4);
  for (let n = 0; n < 3; n++) calls.add({ ...notedCall("read", []), function: work });
  calls.flush();
  const before = calls.expectedMs;
  assert(before > 11 && before < 13, `${before} ms`);
  for (let n = 0; n < 100; n++) fn.observe(0.1);
  const [first, second] = [...calls].map(({ id }) => id);
  calls.take([first ?? 0, second ?? 0]);
  assert(Math.abs(calls.expectedMs - before / 3) < 0.01, `${calls.expectedMs} ms`);
});

Deno.test("SentCalls sends no call that was cancelled before its batch was sent", () => {
  const sent: Command[] = [];
  const calls = newSentCalls(undefined, (command) => sent.push(command));
  for (let n = 0; n < 3; n++) calls.add(notedCall("read", []));
  const [, second] = [...calls];
  if (second === undefined) throw new Error("nothing was added");
  calls.cancel(second);
  calls.flush();
  const ids = sent.flatMap((command) => command.type === "calls" ? command.calls : []).map((
    { id },
  ) => id);
  assertEquals(ids, [1, 3]);
});
