// Ctrl-C and its like, met by programs of their own. That the run ends like an abort is tested with
// run() itself, that the demo does with the demo.
import { assertEquals, assertMatch } from "@std/assert";
import { ended } from "../fixtures/alive.ts";
import { fixtureCommand } from "../fixtures/run_fixture.ts";

interface Ending {
  readonly code: number;
  /** The signal whose default action ended it. */
  readonly signal: Deno.Signal | null;
  readonly lines: readonly string[];
}

/** Runs the program in a mode, and sends it `signal` whenever it has said one of `when`. */
async function signalled(
  mode: string,
  signal: Deno.Signal,
  when: readonly string[] = ["running"],
): Promise<Ending> {
  const child = fixtureCommand("meets_signals.ts", ["--allow-all"], [mode]).spawn();
  const errors = new Response(child.stderr).text();
  const lines: string[] = [];
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const said = text.trim().split("\n");
    lines.push(...said);
    for (const line of said) if (when.includes(line)) child.kill(signal);
  }
  const status = await child.status;
  assertEquals(await errors, "");
  return { code: status.code, signal: status.signal, lines };
}

/** The id of the worker process that the program printed, and its other output. */
function pidIn(lines: readonly string[]): { pid: number; rest: readonly string[] } {
  const [first = "", ...rest] = lines;
  assertMatch(first, /^pid \d+$/);
  return { pid: Number(first.slice("pid ".length)), rest };
}

const onlyPosix = { ignore: Deno.build.os === "windows" };

Deno.test(
  "handleSignals: a thread that never yields does not keep the program",
  onlyPosix,
  async () => {
    for (const [signal, expected] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
      const { code, lines } = await signalled("spins", signal);
      assertEquals(code, expected);
      assertEquals(pidIn(lines).rest, ["running", "stop", "future-cancelled", "finished"]);
    }
  },
);

Deno.test("handleSignals: no process outlives the program", onlyPosix, async () => {
  for (const [signal, expected] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    const { code, lines } = await signalled("spins in a process", signal);
    const { pid, rest } = pidIn(lines);
    assertEquals([code, ...rest], [expected, "running", "stop", "future-cancelled", "finished"]);
    await ended(pid);
  }
});

Deno.test(
  "handleSignals: a finishing callback that never ends does not keep the program",
  onlyPosix,
  async () => {
    const { code, lines } = await signalled("never leaves a finishing callback", "SIGTERM");
    assertEquals([code, ...lines], [143, "running", "finished"]);
  },
);

Deno.test(
  "handleSignals: callbacks of stop, finishing and finished are waited for",
  onlyPosix,
  async () => {
    const { code, lines } = await signalled("saves what it has", "SIGINT");
    assertEquals(code, 130);
    assertEquals(lines.filter((line) => line.startsWith("saved")).toSorted(), [
      "saved in finished",
      "saved in finishing",
      "saved in stop",
    ]);
    assertEquals(lines.at(-1), "saved in finished");
  },
);

Deno.test(
  "handleSignals: a finished callback that the signal meets is waited for",
  onlyPosix,
  async () => {
    const { code, lines } = await signalled("saves at its end", "SIGTERM");
    assertEquals([code, ...lines], [143, "running", "finished", "saved"]);
  },
);

Deno.test(
  "handleSignals: a second signal exits at once while a callback is pending",
  onlyPosix,
  async () => {
    const { code, lines } = await signalled("saves for ever", "SIGINT", ["saving"]);
    assertEquals([code, ...lines.slice(-2)], [130, "saving", "finished"]);
  },
);

Deno.test(
  "handleSignals: an idle worker calls its listeners before the program exits",
  onlyPosix,
  async () => {
    const { code, lines } = await signalled("has an idle worker", "SIGINT");
    assertEquals([code, ...lines], [130, "running", "stop", "unload", "finished"]);
  },
);

Deno.test(
  "handleSignals: a second signal exits at once, whatever is still to be done",
  onlyPosix,
  async () => {
    const { code, signal, lines } = await signalled("never shuts down", "SIGINT", [
      "running",
      "signal",
    ]);
    assertEquals([code, signal], [130, null]);
    // The first one was not enough: the run was still waiting for its executor.
    assertEquals(lines.slice(0, 2), ["running", "signal"]);
    assertEquals(lines.includes("finished"), false);
  },
);

Deno.test(
  "without handleSignals a signal ends the program by its default action",
  onlyPosix,
  async () => {
    for (const [name, expected] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
      const { code, signal, lines } = await signalled("does not handle signals", name);
      const { pid, rest } = pidIn(lines);
      assertEquals([code, signal, ...rest], [expected, name, "running"]);
      await ended(pid);
    }
  },
);

Deno.test(
  "handleSignals: after the run a signal has its default action again",
  onlyPosix,
  async () => {
    const { code, signal, lines } = await signalled("has run before", "SIGINT");
    assertEquals([code, signal, ...lines], [130, "SIGINT", "running"]);
  },
);
