/**
 * Programs that tasks start end with their process, and Ctrl-C in the terminal reaches the program alone.
 *
 * @module
 */

import { ResourceLimits, Scheduler, type TaskFunction } from "@amltk/scheduling";
import { assert, assertEquals } from "@std/assert";
import { spawn } from "node:child_process";
import process from "node:process";
import type { Readable } from "node:stream";
import { remains } from "../../tools/remains.ts";
import { actWhen } from "../fixtures/act_when.ts";
import { ended, isAlive } from "../fixtures/alive.ts";
import { fixtureCommand, runFixture } from "../fixtures/run_fixture.ts";

const onlyPosix = { ignore: Deno.build.os === "windows" };

type Start = TaskFunction<[log: string], Promise<unknown>>;

/** Starts a program, writes its id to the file, and waits for its end. */
const awaitsProgram: Start = (log) => {
  const program = new Deno.Command("sleep", { args: ["100"] }).spawn();
  Deno.writeTextFileSync(log, `${program.pid}`);
  return program.status;
};

/** Starts a program, and returns. */
const leavesProgram: Start = (log) => {
  const program = new Deno.Command("sleep", { args: ["100"] }).spawn();
  program.unref();
  Deno.writeTextFileSync(log, `${program.pid}`);
  return Promise.resolve();
};

/** Starts a program that starts another one and writes its id. */
const startsShell: Start = (log) =>
  new Deno.Command("sh", { args: ["-c", `sleep 100 & printf $! > ${log}; wait`] }).output();

const startsByNode: Start = async (log) => {
  const { spawn } = await import("node:child_process");
  const program = spawn("sleep", ["100"], { stdio: "inherit" });
  Deno.writeTextFileSync(log, `${program.pid}`);
  await new Promise((resolve) => program.on("exit", resolve));
};

type End = (scheduler: Scheduler, start: Start, log: string) => void;

const cancels: End = (scheduler, start, log) => {
  const future = scheduler.submit(start, log);
  actWhen(scheduler, () => Deno.readTextFileSync(log) !== "", () => future.cancel());
};

const stops: End = (scheduler, start, log) => {
  scheduler.submit(start, log);
  actWhen(scheduler, () => Deno.readTextFileSync(log) !== "", () => scheduler.stop());
};

const cases: Readonly<Record<string, readonly [start: Start, end: End]>> = {
  "whose call is cancelled": [awaitsProgram, cancels],
  "that was started by another program": [startsShell, cancels],
  "that was started by node:child_process": [startsByNode, cancels],
  "whose call reaches a limit": [awaitsProgram, (scheduler, start, log) => {
    const plugins = new ResourceLimits({ wallTime: 4_000 });
    scheduler.task(start, { plugins }).submit(log);
  }],
  "whose call exits": [
    async (log) => {
      const program = new Deno.Command("sleep", { args: ["100"] }).spawn();
      await Deno.writeTextFile(log, `${program.pid}`);
      Deno.exit(3);
    },
    (scheduler, start, log) => scheduler.submit(start, log),
  ],
  "whose call has returned": [leavesProgram, (scheduler, start, log) => {
    scheduler.submit(start, log);
  }],
  "that runs when the run is stopped": [awaitsProgram, stops],
};

for (const [which, [start, end]] of Object.entries(cases)) {
  Deno.test(`processes: a program ${which} ends with its process`, onlyPosix, async () => {
    const log = await Deno.makeTempFile();
    const scheduler = Scheduler.withProcesses(1);
    scheduler.onStart(() => end(scheduler, start, log));
    await scheduler.run({ onException: "ignore", wait: false });
    const pid = Number(await Deno.readTextFile(log));
    assert(pid > 0, "It was not started");
    await ended(pid);
    assertEquals(await remains(), []);
    await Deno.remove(log);
  });
}

Deno.test(
  "processes: without --allow-run in full a program goes its own way",
  onlyPosix,
  async () => {
    const { code, stdout, stderr } = await runFixture("starts_program.ts", [
      `--allow-run=${Deno.execPath()}`,
      "--allow-env=NODE_V8_COVERAGE",
    ]);
    assertEquals([code, stderr], [0, ""]);
    const pid = Number(stdout);
    try {
      assertEquals(isAlive(pid), true);
    } finally {
      Deno.kill(pid, "SIGKILL");
    }
  },
);

Deno.test(
  "processes: programs of idle and busy ones end when ours was killed",
  onlyPosix,
  async () => {
    const child = fixtureCommand("leaves_programs.ts", ["--allow-all"]).spawn();
    await child.stderr.cancel();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value = "" } = await reader.read();
    const pids = value.trim().split(" ").map(Number);
    assertEquals(pids.map(isAlive), [true, true, true, true]);
    child.kill("SIGKILL");
    await reader.cancel();
    await child.status;
    await Promise.all(pids.map(ended));
  },
);

Deno.test(
  "processes: a signal to the program's group reaches the program alone",
  onlyPosix,
  async () => {
    const { code, lines } = await interrupted("lets_work_finish.ts", []);
    assertEquals(lines, ["running", "signal", "result 0", "result 1", "stopped"]);
    assertEquals(code, 0);
  },
);

Deno.test("handleSignals: Ctrl-C ends processes and their programs once", onlyPosix, async () => {
  const { code, lines } = await interrupted("lets_work_finish.ts", ["handleSignals"]);
  assertEquals(lines, ["running", "cancelled", "cancelled", "cancelled", "cancelled"]);
  assertEquals(code, 130);
});

interface Ending {
  readonly code: number | null;
  readonly lines: readonly string[];
}

/** Runs a program as the leader of a group, as a shell does, and sends the group a SIGINT. */
async function interrupted(name: string, programArguments: readonly string[]): Promise<Ending> {
  const program = spawn(Deno.execPath(), [
    "run",
    "--quiet",
    "--allow-all",
    "--import-map=import_map.npm.json",
    new URL(`../fixtures/${name}`, import.meta.url).href,
    ...programArguments,
  ], { detached: true, stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise<number | null>((resolve) => program.on("exit", resolve));
  const lines: string[] = [];
  for await (const chunk of program.stdout as Readable) {
    const said = new TextDecoder().decode(chunk).trim().split("\n");
    lines.push(...said);
    if (said.includes("running")) process.kill(-Number(program.pid), "SIGINT");
  }
  return { code: await exited, lines };
}

const terminal = { ignore: Deno.build.os !== "linux" || !await hasScript() };

Deno.test("processes: Ctrl-C on a terminal reaches the program alone", terminal, async () => {
  // `script` starts a shell, which would die of the signal itself: some shells exit with 130 then.
  const program = `exec ${Deno.execPath()} run --quiet --allow-all ` +
    `--import-map=import_map.npm.json tests/fixtures/lets_work_finish.ts`;
  const child = new Deno.Command("script", {
    args: ["--quiet", "--return", "--command", program, "/dev/null"],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
    env: { SHELL: "/bin/sh" },
    signal: AbortSignal.timeout(60_000),
  }).spawn();
  const writer = child.stdin.getWriter();
  let text = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (chunk.includes("running")) await writer.write(Uint8Array.of(3));
  }
  await writer.close().catch(() => {});
  const lines = text.replaceAll(/\^C|\r/g, "").trim().split("\n");
  assertEquals(lines, ["running", "signal", "result 0", "result 1", "stopped"]);
  assertEquals((await child.status).code, 0);
});

async function hasScript(): Promise<boolean> {
  try {
    const { success } = await new Deno.Command("script", { args: ["--version"] }).output();
    return success;
  } catch {
    return false;
  }
}
