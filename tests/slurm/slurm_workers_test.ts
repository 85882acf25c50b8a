// Workers as jobs of a real cluster of one node, with real calls over a real NATS server.
import { type Future, Scheduler } from "@amltk/scheduling";
import { NatsExecutor } from "@amltk/scheduling/executors/nats";
import { SlurmWorkers, type SlurmWorkersOptions } from "@amltk/scheduling/executors/slurm";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { hasNatsServer, NatsServer } from "../fixtures/nats_server.ts";
import { hasSlurm, SlurmCluster, until } from "../fixtures/slurm_cluster.ts";

const isIgnored = !hasNatsServer || !hasSlurm;
// For jobs that run no calls.
const SLEEP = ["sh", "-c", "exec sleep 600"];

let cluster: SlurmCluster;
let server: NatsServer;
let queues = 0;

Deno.test.beforeAll(async () => {
  if (isIgnored) return;
  [cluster, server] = await Promise.all([SlurmCluster.start(), NatsServer.start()]);
  for (const [name, value] of Object.entries(cluster.env)) Deno.env.set(name, value);
});

Deno.test.afterAll(async () => {
  if (isIgnored) return;
  await cluster[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  for (const name of Object.keys(cluster.env)) Deno.env.delete(name);
});

// The controller that such a test starts outlives it.
const RESTARTS = { sanitizeOps: false, sanitizeResources: false };

/** A test with a queue of its own. */
function test(name: string, fn: (queue: string) => Promise<void>, options = {}): void {
  const ignore = isIgnored;
  Deno.test({ name: `SlurmWorkers ${name}`, ignore, ...options, fn: () => fn(`q${++queues}`) });
}

type Rest = Partial<SlurmWorkersOptions>;

function start(queue: string, rest: Rest = {}): Promise<SlurmWorkers> {
  return SlurmWorkers.start({
    scheduler: Scheduler.withSequential(),
    servers: server.address,
    queue,
    max: 3,
    folder: `${cluster.folder}/jobs`,
    interval: 100,
    shrinkAfter: 400,
    log: () => {},
    ...rest,
  });
}

/** Runs calls on jobs of the cluster. */
async function withCalls(
  queue: string,
  rest: Rest,
  act: (scheduler: Scheduler, workers: SlurmWorkers) => Promise<void>,
): Promise<void> {
  const scheduler = new Scheduler(new NatsExecutor({ connect: server.address, queue }));
  await using workers = await start(queue, { scheduler, ...rest });
  const acted = Promise.withResolvers<void>();
  scheduler.onStart(() => {
    act(scheduler, workers).then(acted.resolve, acted.reject).finally(() => scheduler.stop());
  });
  await Promise.all([scheduler.run({ endOnEmpty: false }), acted.promise]);
}

async function own(queue: string, state?: string) {
  const isOwn = ({ name }: { name: string }) => name.startsWith(`amltk.${queue}.`);
  return (await cluster.jobs(state)).filter(isOwn);
}

const ids = (jobs: readonly { id: string }[]) => jobs.map(({ id }) => id).sort();

async function runningJobs(queue: string, count: number): Promise<string[]> {
  let found: string[] = [];
  await until(async () => (found = ids(await own(queue, "RUNNING"))).length === count);
  return found;
}

/** A call that runs until a file exists; returns the job in which it ran. */
async function waitsFor(file: string): Promise<string> {
  for (;;) {
    try {
      await Deno.stat(file);
      return `${Deno.env.get("SLURM_ARRAY_JOB_ID")}_${Deno.env.get("SLURM_ARRAY_TASK_ID")}`;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function newGate(queue: string, name = "go"): { file: string; open: () => Promise<void> } {
  const file = `${cluster.folder}/${queue}.${name}`;
  return { file, open: () => Deno.writeTextFile(file, "") };
}

const isRunning = (future: Future<string>) => until(() => future.state === "running");

test("run calls in jobs with the options of sbatch", async (queue) => {
  const sbatch = {
    "partition": "other",
    "comment": "it's mine",
    "mem": 100,
    "oversubscribe": true,
  };
  await withCalls(queue, { workersPerJob: 2, walltime: 170_000, sbatch }, async (scheduler) => {
    const gate = newGate(queue);
    const futures = [1, 2].map(() => scheduler.submit(waitsFor, gate.file));
    await Promise.all(futures.map(isRunning));
    const jobs = await own(queue);
    assertEquals(jobs.length, 1);
    const details = await cluster.details(jobs[0]?.id ?? "");
    for (const text of ["Partition=other", "Comment=it's mine", "MinMemoryNode=100M"]) {
      assertStringIncludes(details, text);
    }
    assertMatch(details, /TimeLimit=00:03:00 .*CPUs\/Task=2 .*OverSubscribe=YES/);
    await gate.open();
    assertEquals(await Promise.all(futures), [jobs[0]?.id, jobs[0]?.id]);
  });
});

test("follow the queue up and down and end no call", async (queue) => {
  await withCalls(queue, {}, async (scheduler, workers) => {
    assertEquals((await own(queue)).length, 0);
    const gates = ["a", "b", "c", "d"].map((name) => newGate(queue, name));
    const submit = ({ file }: { file: string }) => scheduler.submit(waitsFor, file);
    const [first, ...others] = gates;
    assert(first !== undefined);
    const long = submit(first);
    await isRunning(long);
    const [oldest = ""] = await runningJobs(queue, 1);
    const short = others.map(submit);
    await runningJobs(queue, 3);
    // Three run and one waits, until a job is free.
    assertEquals(workers.statistics().wanted, 3);
    for (const gate of others) await gate.open();
    await Promise.all(short);
    // One of two drained jobs has no call and ends. The oldest one has one, and goes on.
    await runningJobs(queue, 2);
    await until(() => workers.statistics().ending > 0);
    assertEquals(workers.statistics().wanted, 1);
    assertEquals([long.state, ids(await own(queue, "RUNNING")).includes(oldest)], [
      "running",
      true,
    ]);
    await first.open();
    assertEquals(await long, oldest);
    await until(async () => (await own(queue)).length === 0);
    submit(newGate(queue, "e"));
    await runningJobs(queue, 1);
  });
});

test("replace a job that was cancelled from outside", async (queue) => {
  await using _workers = await start(queue, { min: 2, command: SLEEP });
  const [victim = "", other = ""] = await runningJobs(queue, 2);
  await cluster.run("scancel", victim);
  await until(async () => !ids(await own(queue, "RUNNING")).includes(victim));
  const after = await runningJobs(queue, 2);
  assert(after.includes(other) && !after.includes(victim), String(after));
});

test("let a job drain before its walltime and replace it", async (queue) => {
  // Slurm sends the signal once a job has less than 58 of 60 seconds left.
  const options = { min: 1, max: 1, walltime: 60_000, drainBefore: 58_000 };
  await withCalls(queue, options, async (scheduler) => {
    const gate = newGate(queue);
    const future = scheduler.submit(waitsFor, gate.file);
    await isRunning(future);
    // A job may drain before it has a call; then the next one has it.
    await runningJobs(queue, 2);
    assertEquals(future.state, "running");
    await gate.open();
    const drained = await future;
    await until(async () => !ids(await own(queue)).includes(drained));
  });
});

test("keep their jobs while the controller is down", async (queue) => {
  await withCalls(queue, { min: 2, max: 2 }, async (scheduler, workers) => {
    const before = await runningJobs(queue, 2);
    // The fleet learns of it later than the test.
    await until(() => workers.statistics().running === 2);
    // Slurm forgets what it has not saved.
    await until(() => cluster.hasSaved(workers.jobName));
    await cluster.killController();
    // A command that was on its way fails with another message.
    const unreachable = "Unable to contact slurm controller";
    await until(() => workers.statistics().problem?.includes(unreachable) === true);
    assertEquals(workers.statistics().running, 2);
    const gate = newGate(queue);
    await gate.open();
    const job = await scheduler.submit(waitsFor, gate.file);
    assert(before.includes(job), job);
    cluster.startController();
    await until(() => workers.statistics().problem === undefined);
    assertEquals(ids(await own(queue)), before);
  });
}, RESTARTS);

test("keep their jobs while the controller is frozen", async (queue) => {
  await using workers = await start(queue, { min: 2, command: SLEEP });
  const before = await runningJobs(queue, 2);
  cluster.signalController("SIGSTOP");
  try {
    await until(() => workers.statistics().problem !== undefined);
    assertStringIncludes(workers.statistics().problem ?? "", "squeue has failed");
  } finally {
    cluster.signalController("SIGCONT");
  }
  await until(() => workers.statistics().problem === undefined);
  assertEquals(ids(await own(queue)), before);
});

test("do not repeat a submission whose answer was lost", async (queue) => {
  const folder = `${cluster.folder}/${queue}`;
  const lost = `${folder}/lost`;
  // Once, sbatch submits and says that it has had no answer.
  const script = `#!/bin/sh
case "$*" in *--test-only*) exec /usr/bin/sbatch "$@";; esac
[ -e ${lost} ] && exec /usr/bin/sbatch "$@"
/usr/bin/sbatch "$@" >${lost}
echo "Socket timed out on send/recv operation" >&2
exit 1
`;
  await withProgram(folder, "sbatch", script, async () => {
    const calls = { pending: 0, held: 0, runningCount: 0, phase: "running" };
    const scheduler = { statistics: () => calls };
    const problems: string[] = [];
    const log = (line: string) => problems.push(line);
    await using workers = await start(queue, { scheduler, command: SLEEP, log });
    calls.pending = 3;
    await runningJobs(queue, 3);
    await until(() => workers.statistics().running === 3);
    assertEquals((await own(queue)).length, 3);
    assertEquals(problems, ["sbatch has failed: Socket timed out on send/recv operation"]);
    assertEquals(workers.statistics().problem, undefined);
  });
});

test("cancel all jobs when they are closed", async (queue) => {
  const workers = await start(queue, {
    min: 3,
    command: SLEEP,
    folder: `${cluster.folder}/${queue}`,
  });
  await until(async () => (await own(queue)).length === 3);
  assertEquals(await workers.close(), true);
  const left = (await own(queue)).filter(({ state }) => state !== "COMPLETING");
  assertEquals(left, []);
  assertEquals(locksOf(`${cluster.folder}/${queue}`), []);
});

test("cancel what a killed program has left, and no other jobs", async (queue) => {
  await using living = await Program.start(queue, "wait");
  const killed = await Program.start(queue, "wait");
  assertEquals((await own(queue)).length, 4);
  await killed.end("SIGKILL");
  await using workers = await start(queue, { min: 1, command: SLEEP });
  const isActive = ({ state }: { state: string }) => state !== "COMPLETING";
  const names = (await own(queue)).filter(isActive).map(({ name }) => name).sort();
  assertEquals(names, [living.jobName, living.jobName, workers.jobName].sort());
});

for (const mode of ["run", "handle", "wait"]) {
  test(`cancel all jobs on SIGTERM, mode ${mode}`, async (queue) => {
    const program = await Program.start(queue, mode);
    assertEquals((await own(queue)).length, 2);
    assertEquals((await program.end("SIGTERM")).code, 143);
    await until(async () => (await own(queue)).length === 0);
  });
}

test("say that jobs end as soon as they have started", async (queue) => {
  await using workers = await start(queue, { min: 1, command: ["/no/such/deno"] });
  await until(() => workers.statistics().problem !== undefined);
  assertMatch(workers.statistics().problem ?? "", /^A job ended within a minute of the start; /);
  const folder = `${cluster.folder}/jobs`;
  const outputs = () =>
    [...Deno.readDirSync(folder)].map(({ name }) => name)
      .filter((name) => name.startsWith(`${workers.jobName}-`))
      .map((name) => Deno.readTextFileSync(`${folder}/${name}`));
  await until(() => outputs().some((text) => text.includes("/no/such/deno")));
});

test("cancel at the next start what a failed start has left", async (queue) => {
  const folder = `${cluster.folder}/${queue}`;
  const sbatch = `#!/bin/sh
case "$*" in *--test-only*) exec /usr/bin/sbatch "$@";; esac
/usr/bin/sbatch "$@"
echo "Socket timed out on send/recv operation" >&2
exit 1
`;
  const options = { min: 1, command: SLEEP, folder };
  const fails = async () => {
    await assertRejects(() => start(queue, options), Error, "sbatch has failed: Socket timed out");
  };
  const scancel = "#!/bin/sh\nexit 1\n";
  await withProgram(
    folder,
    "sbatch",
    sbatch,
    () => withProgram(`${folder}/bin`, "scancel", scancel, fails),
  );
  const [left] = await runningJobs(queue, 1);
  assertEquals(locksOf(folder).length, 1);
  await using workers = await start(queue, options);
  await until(async () => !ids(await own(queue)).includes(left ?? ""));
  assertEquals(locksOf(folder), [`${workers.jobName}.lock`]);
});

test("need the commands of Slurm", async (queue) => {
  const path = Deno.env.get("PATH") ?? "";
  Deno.env.set("PATH", cluster.folder);
  try {
    await assertRejects(
      () => start(queue, { min: 1 }),
      Error,
      "sbatch was not found on PATH: install the commands of Slurm on this machine",
    );
  } finally {
    Deno.env.set("PATH", path);
  }
});

test("pass on what Slurm says of wrong options", async (queue) => {
  const folder = `${cluster.folder}/${queue}`;
  for (const min of [0, 1]) {
    const options = { folder, min, sbatch: { partition: "nowhere" } };
    await assertRejects(() => start(queue, options), Error, "invalid partition specified: nowhere");
  }
  assertEquals(await own(queue), []);
  assertEquals(locksOf(folder), []);
});

function locksOf(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) =>
    name.endsWith(".lock")
  );
}

/** Puts a program before those of the same name on PATH. */
async function withProgram(
  folder: string,
  name: string,
  script: string,
  act: () => Promise<void>,
): Promise<void> {
  await Deno.mkdir(folder);
  await Deno.writeTextFile(`${folder}/${name}`, script, { mode: 0o755 });
  const path = Deno.env.get("PATH") ?? "";
  Deno.env.set("PATH", `${folder}:${path}`);
  try {
    await act();
  } finally {
    Deno.env.set("PATH", path);
  }
}

/** Another program with workers. */
class Program {
  readonly jobName: string;
  readonly #process: Deno.ChildProcess;

  /** Starts it, and waits until its jobs are submitted. */
  static async start(queue: string, mode: string): Promise<Program> {
    const process = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-check",
        "--allow-all",
        "--import-map=import_map.npm.json",
        "tests/fixtures/slurm_program.ts",
        queue,
        `${cluster.folder}/jobs`,
        mode,
      ],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    let output = "";
    const reader = process.stdout.pipeThrough(new TextDecoderStream() as never).getReader();
    while (!output.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) throw new Error("The program has ended");
      output += value;
    }
    await reader.cancel();
    return new Program(process, output.trim());
  }

  private constructor(process: Deno.ChildProcess, jobName: string) {
    this.#process = process;
    this.jobName = jobName;
  }

  end(signal: Deno.Signal): Promise<Deno.CommandStatus> {
    this.#process.kill(signal);
    return this.#process.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGTERM");
  }
}
