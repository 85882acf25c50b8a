// Wrong options of workers, each refused before anything is started.
import { Scheduler } from "@amltk/scheduling";
import {
  SlurmWorkers,
  type SlurmWorkersOptions,
  WorkerFleet,
} from "@amltk/scheduling/executors/slurm";
import { assertEquals, assertRejects } from "@std/assert";

const scheduler = Scheduler.withSequential();
const folder = "tests/no-such-folder";
const GOOD = { scheduler, servers: "nats://127.0.0.1:1", queue: "train", max: 2, folder };

const NO_LOGIN = "The address of a NATS server must not contain a user, password or token: " +
  'say who logs in by worker, such as worker: ["--user", "me", "--password-file", "FILE"]';

const WRONG: readonly [options: object, error: ErrorConstructor, message: string][] = [
  [{ scheduler: 1 }, TypeError, "scheduler must be a Scheduler, not 1"],
  [{ servers: "" }, TypeError, 'servers must be a text that is not empty, not ""'],
  [{ servers: undefined }, TypeError, "servers must be a text that is not empty, not undefined"],
  [{ servers: "nats://me:hunter2@login1" }, TypeError, NO_LOGIN],
  [{ queue: "a b" }, TypeError, "queue must be a name of 1 to 64 letters"],
  [{ max: 0 }, RangeError, "max must be a positive integer, not 0"],
  [{ max: Infinity }, RangeError, "max must be a positive integer, not Infinity"],
  [{ min: -1 }, RangeError, "min must be a positive integer, not -1"],
  [{ min: 3 }, RangeError, "min must be at most max, which is 2, not 3"],
  [{ workersPerJob: 0 }, RangeError, "workersPerJob must be a positive integer, not 0"],
  [{ walltime: "1h" }, TypeError, 'walltime must be a number, not "1h"'],
  [{ walltime: 60_000 }, RangeError, "walltime must be longer than drainBefore, which is 60000"],
  [{ drainBefore: -1 }, RangeError, "drainBefore must be 0 or more milliseconds, not -1"],
  [{ drainBefore: 7e7 }, RangeError, "drainBefore must be at most 65535000, not 70000000"],
  [{ worker: "--processes" }, TypeError, "worker must be an array of texts"],
  [{ command: ["deno", 1] }, TypeError, "Each item of command must be a text"],
  [{ command: [] }, TypeError, "command must have at least one item"],
  [{ folder: "jobs/%j" }, TypeError, 'folder must be a path without "%", not "jobs/%j"'],
  [{ interval: NaN }, RangeError, "interval must be 0 or more milliseconds, not NaN"],
  [{ shrinkAfter: -1 }, RangeError, "shrinkAfter must be 0 or more milliseconds, not -1"],
  [{ log: "stderr" }, TypeError, 'log must be a function, not "stderr"'],
  [{ sbatch: ["-p", "gpu"] }, TypeError, "sbatch must be an object of options, not an array"],
  [{ sbatch: { "--partition": "gpu" } }, TypeError, 'without "--", not "--partition"'],
  [{ sbatch: { p: "gpu" } }, TypeError, 'long names of options without "--", not "p"'],
  [{ sbatch: { mem: null } }, TypeError, "sbatch.mem must be a text, a number or a boolean"],
  [{ sbatch: { array: "0-9" } }, TypeError, "min and max decide on the number of jobs"],
  [{ sbatch: { "job-name": "mine" } }, TypeError, "jobs are found by the name that they get"],
  [{ sbatch: { signal: "B:USR1@60" } }, TypeError, "use drainBefore"],
  [{ sbatch: { time: 60 } }, TypeError, "use walltime"],
  [{ partition: "gpu" }, TypeError, 'SlurmWorkers has no option "partition"'],
];

for (const [options, error, message] of WRONG) {
  Deno.test(`SlurmWorkers refuse ${message.slice(0, 50)}`, async () => {
    const wrong = { ...GOOD, ...options } as SlurmWorkersOptions;
    await assertRejects(() => SlurmWorkers.start(wrong), error, message);
    assertEquals(await Deno.stat(wrong.folder ?? "").then(() => true, () => false), false);
  });
}

Deno.test("WorkerFleet refuses a system without a method", async () => {
  const nothing = () => Promise.resolve([]);
  const system = { submit: nothing, list: nothing, drain: nothing } as never;
  await assertRejects(
    () => WorkerFleet.start({ system, scheduler, max: 2 }),
    TypeError,
    "system.cancelAll must be a function, not undefined",
  );
  await assertRejects(
    () => WorkerFleet.start({ system: 1 as never, scheduler, max: 2 }),
    TypeError,
    "system must be a JobSystem, not 1",
  );
});
