// When the silence of a remote worker counts.
import { assertEquals } from "@std/assert";
import { Pulse } from "../../executors/nats/_home/pulse.ts";

const GONE = "no responders: 'amltk.q.to.x'";

/** What is known after as many questions, to which the worker gives this answer. */
async function after(
  questions: number,
  answer: string | undefined,
  { serverAnswers = true, connectedMs = Infinity } = {},
): Promise<string | undefined> {
  const pulse = new Pulse({ disconnected: 5, silent: 30 }, {
    ping: () => answer === undefined ? Promise.resolve() : Promise.reject(new Error(answer)),
    serverAnswers: () => Promise.resolve(serverAnswers),
    connectedMs: () => connectedMs,
  });
  let reason: string | undefined;
  for (let n = 0; n < questions; n++) reason = (await pulse.ask())?.reason;
  return reason;
}

Deno.test("Pulse loses a worker that does not answer", async () => {
  assertEquals(await after(29, "timeout"), undefined);
  assertEquals(await after(30, "timeout"), "unreachable");
  assertEquals(await after(5, GONE), "died");
  assertEquals(await after(100, undefined), undefined);
});

Deno.test("Pulse loses nobody while the server does not answer either", async () => {
  for (const answer of ["timeout", GONE]) {
    assertEquals(await after(100, answer, { serverAnswers: false }), undefined);
  }
});

Deno.test("Pulse gives workers time to return after a lost connection", async () => {
  const connectedMs = 3_000;
  assertEquals(await after(29, GONE, { connectedMs }), undefined);
  assertEquals(await after(30, GONE, { connectedMs }), "unreachable");
});
