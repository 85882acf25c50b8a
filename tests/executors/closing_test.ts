/**
 * The end of workers and processes: an idle one calls the listeners of its tasks in a bounded time; a busy
 * one is terminated.
 *
 * @module
 */

import { Scheduler } from "@amltk/scheduling";
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { CLOSING_MS, EXIT_MS } from "../../executors/_links/worker_link.ts";
import { remains } from "../../tools/remains.ts";
import { BATCH } from "../fixtures/batch_option.ts";
import { actWhen } from "../fixtures/act_when.ts";
import { ended } from "../fixtures/alive.ts";
import { fixtureCommand, runFixture } from "../fixtures/run_fixture.ts";

const KINDS = {
  workers: () => Scheduler.withWorkers(1, BATCH),
  processes: () => Scheduler.withProcesses(1, BATCH),
} as const;

/** Adds a listener for each event at the end of a program; each writes its name to the file. */
async function listen(log: string): Promise<void> {
  const { default: process } = await import("node:process");
  const note = (event: string) => Deno.writeTextFileSync(log, `${event}\n`, { append: true });
  addEventListener("beforeunload", () => note("beforeunload"));
  addEventListener("unload", () => note("unload"));
  Deno.addSignalListener("SIGTERM", () => note("SIGTERM"));
  const removed = () => note("removed");
  Deno.addSignalListener("SIGTERM", removed);
  Deno.removeSignalListener("SIGTERM", removed);
  process.on("SIGTERM", async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    note("SIGTERM, awaited");
  });
  process.on("exit", () => note("exit"));
}

const ALL = ["beforeunload", "SIGTERM", "SIGTERM, awaited", "exit", "unload"];

/** Runs `start` with a file; returns the lines that were written to it. */
async function notes(
  make: () => Scheduler,
  start: (scheduler: Scheduler, log: string) => unknown,
): Promise<string[]> {
  const log = await Deno.makeTempFile();
  const scheduler = make();
  scheduler.onStart(() => start(scheduler, log));
  await scheduler.run();
  assertEquals(await remains(), []);
  const text = await Deno.readTextFile(log);
  await Deno.remove(log);
  return text.split("\n").slice(0, -1);
}

for (const [kind, make] of Object.entries(KINDS)) {
  Deno.test(`${kind}: an idle one calls its listeners before it ends`, async () => {
    assertEquals(await notes(make, (scheduler, log) => scheduler.submit(listen, log)), ALL);
  });

  Deno.test(`${kind}: one with only a timer counts as idle`, async () => {
    const noted = await notes(make, async (scheduler, log) => {
      await scheduler.submit(listen, log);
      await scheduler.submit(() => void setInterval(() => {}, 1));
    });
    assertEquals(noted, ALL);
  });

  Deno.test(`${kind}: closing listeners are called though a task replaces Event`, async () => {
    const noted = await notes(make, async (scheduler, log) => {
      await scheduler.submit(listen, log);
      await scheduler.submit(() => {
        const refuse = () => {
          throw new Error("replaced by a task");
        };
        Object.assign(globalThis, { Event: refuse, dispatchEvent: refuse, reportError: refuse });
      });
    });
    assertEquals(noted, ALL);
  });

  Deno.test(`${kind}: one that runs a call is terminated without listeners`, async () => {
    const noted = await notes(make, async (scheduler, log) => {
      await scheduler.submit(listen, log);
      const running = scheduler.submit(() => new Promise(() => {}));
      actWhen(scheduler, () => running.state === "running", () => running.cancel());
    });
    assertEquals(noted, []);
  });

  Deno.test(`${kind}: an endless listener delays the end by a second`, async () => {
    const since = performance.now();
    const noted = await notes(make, async (scheduler, log) => {
      await scheduler.submit(listen, log);
      await scheduler.submit(() => {
        Deno.addSignalListener("SIGTERM", () => new Promise(() => {}));
      });
    });
    assertEquals(noted, ALL);
    assert(performance.now() - since >= CLOSING_MS);
  });

  Deno.test(`${kind}: a listener that throws is reported, and the others run`, async () => {
    const { code, stdout, stderr } = await runFixture("throws_at_the_end.ts", ["-A"], [kind]);
    assertEquals([code, stdout], [0, "exhausted\n"]);
    const errors = stderr.match(/Uncaught error in a worker.*/g) ?? [];
    assertEquals(errors.map((line) => line.split(": ").at(-1)), [
      "thrown by beforeunload",
      "thrown by SIGTERM",
      "rejected by SIGTERM",
      "thrown by unload",
    ]);
  });
}

Deno.test("processes: a stall of the machine takes nothing from the time of listeners", async () => {
  const noted = await notes(KINDS.processes, async (scheduler, log) => {
    await scheduler.submit(listen, log);
    const pid = await scheduler.submit(() => Deno.pid);
    Deno.kill(pid, "SIGSTOP");
    const stall = () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, CLOSING_MS + EXIT_MS);
      Deno.kill(pid, "SIGCONT");
    };
    // The run is about to end: the process is asked to end, and both programs stand still.
    setTimeout(stall, 50);
  });
  assertEquals(noted, ALL);
});

Deno.test("processes: a listener that never returns dies with its process", async () => {
  const since = performance.now();
  await notes(KINDS.processes, (scheduler) =>
    scheduler.submit(() => {
      addEventListener("unload", () => {
        for (;;);
      });
    }));
  assert(performance.now() - since >= CLOSING_MS + EXIT_MS);
});

Deno.test("processes: listeners run though the program was killed", async () => {
  const log = await Deno.makeTempFile();
  const child = fixtureCommand("leaves_idle_process.ts", ["-A"], [log]).spawn();
  const errors = new Response(child.stderr).text();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  child.kill("SIGKILL");
  await reader.cancel();
  await child.status;
  await ended(Number(value));
  assertEquals(await errors, "");
  assertEquals((await Deno.readTextFile(log)).split("\n"), ["beforeunload", "unload", ""]);
  await Deno.remove(log);
});

Deno.test("processes: their modules are part of the coverage of tests", async () => {
  const folder = await Deno.makeTempDir();
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "-A",
      "--no-check",
      "--quiet",
      "--import-map=import_map.npm.json",
      `--coverage=${folder}`,
      "tests/fixtures/harness/covered_tests.ts",
    ],
    env: { NO_COLOR: "1" },
  }).output();
  const [text, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(code, 0, errors);
  assertMatch(text ?? "", /modules\/work\.ts *\|/);
  let covered = 0;
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".json")) continue;
    const profile = JSON.parse(await Deno.readTextFile(`${folder}/${name}`));
    if (profile.url.endsWith("modules/work.ts")) covered += callsOf("scale", profile);
  }
  assertLess(0, covered);
  await Deno.remove(folder, { recursive: true });
});

interface Profile {
  readonly url: string;
  readonly functions: readonly {
    readonly functionName: string;
    readonly ranges: readonly { readonly count: number }[];
  }[];
}

function callsOf(name: string, { functions }: Profile): number {
  const found = functions.filter(({ functionName }) => functionName === name);
  return found.reduce((sum, { ranges }) => sum + (ranges[0]?.count ?? 0), 0);
}
