/**
 * Runs tasks of all kinds, many of them faulty, on all executors, and counts the outcomes: `deno
 * task chaos --tasks 10000 --seed 1 --repeat 1`. With `--batch 1` each call is sent alone. The same
 * seed gives the same tasks in the same order. Fails if a future never settles, settles twice, or
 * has an outcome that its kind forbids.
 *
 * With `--nats`, the tasks run in the workers of a NATS server instead, while workers are stopped and
 * killed, the server is killed and restarted, and the network and the scheduler stand still. The same
 * seed gives the same disturbances. Fails as well if a call starts twice, if it is lost though nobody
 * disturbed its worker, or if a message or a process is left.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a program for the terminal

import { readArgs, runTool, toNumbers } from "../options.ts";
import { EXECUTORS, kindsFor } from "./kinds.ts";
import { runNatsChaos } from "./nats/run.ts";
import { reportText } from "./report.ts";
import { type ChaosReport, isGood, runChaos } from "./run.ts";

// Many times the duration on a slow machine.
const DEADLINE_BASE = 60_000;
const DEADLINE_PER_TASK = 50;
const DEADLINE_PER_REMOTE_TASK = 500;
const ADAPTIVE = 0;
const TASKS = 10_000;
// Their run takes about half a minute, because of the disturbances.
const REMOTE_TASKS = 600;
const BLOCK_MS = 10_000;

const text = { type: "string" } as const;
const options = {
  tasks: text,
  seed: text,
  repeat: text,
  batch: text,
  nats: { type: "boolean" },
} as const;

await runTool(async () => {
  const { values } = readArgs({ args: Deno.args, options });
  const { tasks, seed: first, repeat, batch } = toNumbers(values, {
    tasks: { fallback: values.nats ? REMOTE_TASKS : TASKS, from: 1 },
    seed: { fallback: Math.floor(Math.random() * 2 ** 31), from: 0 },
    repeat: { fallback: 1, from: 1 },
    batch: { fallback: ADAPTIVE, from: ADAPTIVE, to: 256 },
  });
  for (let seed = first; seed < first + repeat; seed++) {
    const runs = values.nats ? remoteRuns(seed, tasks) : localRuns(seed, tasks, batch);
    for await (const report of runs) {
      console.log(reportText(report));
      if (!isGood(report)) return false;
    }
  }
  return true;
});

async function* localRuns(seed: number, tasks: number, size: number): AsyncGenerator<ChaosReport> {
  const batch = size === ADAPTIVE ? "adaptive" : size;
  // Processes inherit this variable.
  Deno.env.set("DENO_V8_FLAGS", "--max-old-space-size=64");
  const deadline = DEADLINE_BASE + DEADLINE_PER_TASK * tasks;
  console.log(`Seed ${seed}, ${tasks} tasks on each executor, batch ${batch}`);
  for (const executor of EXECUTORS) {
    const kinds = kindsFor(executor, true);
    yield await runChaos({ executor, kinds, batch, tasks, seed, deadline });
  }
}

async function* remoteRuns(seed: number, tasks: number): AsyncGenerator<ChaosReport> {
  const deadline = DEADLINE_BASE + DEADLINE_PER_REMOTE_TASK * tasks;
  console.log(`Seed ${seed}, ${tasks} tasks on remote workers`);
  const { disturbed, ...report } = await runNatsChaos({ tasks, seed, block: BLOCK_MS, deadline });
  for (const each of disturbed) console.log(`  ${each}`);
  yield report;
}
