// How a fleet follows its queue, with a clock that tests move and jobs that exist only in memory.
import {
  type Job,
  type JobState,
  type JobSystem,
  WorkerFleet,
  type WorkerFleetOptions,
} from "@amltk/scheduling/executors/slurm";
import { assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "../fixtures/fake_time.ts";

const INTERVAL = 1_000;
const ONE_ENDED = "A job ended within a minute of the start; another one is submitted";

/** Jobs that do what a test says. */
class MemoryJobs implements JobSystem {
  readonly jobs = new Map<string, JobState>();
  readonly actions: string[] = [];
  /** Thrown by each method. */
  failure: Error | undefined;
  /** Thrown by `drain()`. */
  drainFailure: Error | undefined;
  #last = 0;

  submit(count: number): Promise<string[]> {
    this.actions.push(`submit ${count}`);
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const ids = Array.from({ length: count }, () => String(++this.#last));
    for (const id of ids) this.jobs.set(id, "queued");
    return Promise.resolve(ids);
  }

  list(): Promise<Job[]> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return Promise.resolve([...this.jobs].map(([id, state]) => ({ id, state })));
  }

  drain(ids: readonly string[]): Promise<void> {
    this.actions.push(`drain ${ids}`);
    const failure = this.failure ?? this.drainFailure;
    if (failure !== undefined) return Promise.reject(failure);
    return Promise.resolve();
  }

  cancelAll(): Promise<void> {
    this.actions.push("cancel all");
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.jobs.clear();
    return Promise.resolve();
  }

  setAll(state: JobState): void {
    for (const id of this.jobs.keys()) this.jobs.set(id, state);
  }

  /** What has been done since the last time. */
  takeActions(): string[] {
    return this.actions.splice(0);
  }
}

/** A fleet with what drives it. */
class Bench implements AsyncDisposable {
  readonly time = new FakeTime();
  readonly system = new MemoryJobs();
  readonly calls = { pending: 0, held: 0, runningCount: 0, phase: "running" };
  readonly lines: string[] = [];
  fleet!: WorkerFleet;

  async start(options: Partial<WorkerFleetOptions> = {}): Promise<this> {
    this.fleet = await WorkerFleet.start({
      system: this.system,
      scheduler: { statistics: () => this.calls },
      max: 4,
      interval: INTERVAL,
      shrinkAfter: 10_000,
      log: (line) => this.lines.push(line),
      ...options,
    });
    return this;
  }

  async pass(seconds: number): Promise<void> {
    for (let n = 0; n < seconds; n++) await this.time.tickAsync(INTERVAL);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.system.failure = undefined;
    const closed = this.fleet?.close();
    await this.pass(2);
    await closed;
    this.time[Symbol.dispose]();
  }
}

Deno.test("WorkerFleet grows at once to one job for callsPerJob calls", async () => {
  await using bench = await new Bench().start({ min: 1, callsPerJob: 2 });
  const { system, calls } = bench;
  assertEquals(system.takeActions(), ["submit 1"]);
  // Held calls cannot run yet.
  Object.assign(calls, { pending: 4, held: 2, runningCount: 3 });
  await bench.pass(1);
  assertEquals(system.takeActions(), ["submit 2"]);
  calls.pending = 100;
  await bench.pass(3);
  assertEquals(system.takeActions(), ["submit 1"]);
  assertEquals(bench.fleet.statistics(), {
    wanted: 4,
    queued: 4,
    running: 0,
    ending: 0,
    problem: undefined,
  });
});

Deno.test("WorkerFleet shrinks after shrinkAfter to what was needed", async () => {
  await using bench = await new Bench().start();
  const { system, calls } = bench;
  calls.pending = 4;
  await bench.pass(1);
  system.setAll("running");
  await bench.pass(1);
  calls.pending = 0;
  await bench.pass(5);
  // A short round in between needs two jobs.
  calls.pending = 2;
  await bench.pass(2);
  calls.pending = 0;
  system.takeActions();
  await bench.pass(2);
  assertEquals(system.takeActions(), []);
  await bench.pass(2);
  assertEquals(system.takeActions(), ["drain 1,2"]);
  assertEquals(bench.fleet.statistics().ending, 2);
  await bench.pass(9);
  assertEquals(system.takeActions(), []);
  await bench.pass(3);
  assertEquals(system.takeActions(), ["drain 3,4"]);
});

Deno.test("WorkerFleet drains jobs that wait before others", async () => {
  await using bench = await new Bench().start();
  const { system, calls } = bench;
  calls.pending = 3;
  await bench.pass(1);
  system.jobs.set("1", "running");
  await bench.pass(1);
  system.jobs.set("3", "running");
  await bench.pass(1);
  calls.pending = 1;
  await bench.pass(12);
  assertEquals(system.takeActions(), ["submit 3", "drain 2,1"]);
});

Deno.test("WorkerFleet replaces jobs that are ending, beyond max", async () => {
  await using bench = await new Bench().start({ min: 2, max: 2 });
  const { system } = bench;
  system.setAll("running");
  await bench.pass(100);
  system.takeActions();
  system.jobs.set("1", "ending");
  await bench.pass(3);
  assertEquals(system.takeActions(), ["submit 1"]);
  assertEquals([...system.jobs.keys()], ["1", "2", "3"]);
});

Deno.test("WorkerFleet waits longer each time if jobs fail at once", async () => {
  await using bench = await new Bench().start({ min: 1 });
  const { system } = bench;
  const submittedAt: number[] = [];
  for (let second = 1; second <= 200; second++) {
    system.jobs.clear();
    system.takeActions();
    await bench.pass(1);
    if (system.actions.length > 0) submittedAt.push(second);
  }
  const pauses = submittedAt.map((second, index) => second - (submittedAt[index - 1] ?? 0));
  // The first is replaced at once.
  assertEquals(pauses, [1, 6, 11, 21, 41, 81]);
  assertEquals(bench.lines.slice(0, 2), [`${ONE_ENDED} at once`, `${ONE_ENDED} in 5 seconds`]);
  assertEquals(bench.fleet.statistics().problem, bench.lines.at(-1));
});

Deno.test("WorkerFleet waits longer each time if jobs fail that have waited for long", async () => {
  await using bench = await new Bench().start({ min: 1 });
  const { system } = bench;
  const pauses: number[] = [];
  for (let n = 0; n < 4; n++) {
    await bench.pass(120);
    system.setAll("running");
    await bench.pass(1);
    system.jobs.clear();
    system.takeActions();
    await bench.pass(1);
    let seconds = 0;
    for (; system.actions.length === 0; seconds++) await bench.pass(1);
    pauses.push(seconds);
  }
  assertEquals(pauses, [0, 5, 10, 20]);
});

Deno.test("WorkerFleet waits longer each time beside jobs that have run for long", async () => {
  await using bench = await new Bench().start({ min: 2 });
  const { system } = bench;
  system.setAll("running");
  await bench.pass(100);
  const submittedAt: number[] = [];
  for (let second = 1; second <= 80; second++) {
    for (const id of system.jobs.keys()) if (id !== "1") system.jobs.delete(id);
    system.takeActions();
    await bench.pass(1);
    if (system.actions.length > 0) submittedAt.push(second);
  }
  // The first has run for long. The second fails, and is made good at once.
  assertEquals(submittedAt, [1, 2, 8, 19, 40]);
});

Deno.test("WorkerFleet names jobs that failed until one has run for a minute", async () => {
  await using bench = await new Bench().start({ min: 2 });
  const { system, fleet, lines } = bench;
  const fail = async () => {
    system.jobs.clear();
    await bench.pass(1);
  };
  await fail();
  const problem = "2 jobs ended within a minute of the start; others are submitted at once";
  assertEquals([fleet.statistics().problem, lines], [problem, [problem]]);
  system.failure = new Error("Nobody answers");
  await bench.pass(1);
  assertEquals(fleet.statistics().problem, "Nobody answers");
  system.failure = undefined;
  await bench.pass(100);
  assertEquals(fleet.statistics().problem, problem);
  system.setAll("running");
  await bench.pass(60);
  assertEquals(fleet.statistics().problem, problem);
  await bench.pass(1);
  assertEquals(fleet.statistics().problem, undefined);
  // They have run for long, and those that replace them have not.
  await fail();
  assertEquals(fleet.statistics().problem, undefined);
  await fail();
  assertEquals(fleet.statistics().problem, problem);
});

Deno.test("WorkerFleet does not take a job that ends slowly for one that lasts", async () => {
  await using bench = await new Bench().start({ min: 1 });
  const { system } = bench;
  system.setAll("running");
  await bench.pass(1);
  system.jobs.set("1", "ending");
  await bench.pass(100);
  assertEquals(bench.fleet.statistics().problem, `${ONE_ENDED} at once`);
});

Deno.test("WorkerFleet replaces jobs at once that have run for long", async () => {
  await using bench = await new Bench().start({ min: 1 });
  const { system } = bench;
  for (let n = 0; n < 5; n++) {
    system.setAll("running");
    await bench.pass(65);
    system.jobs.clear();
    system.takeActions();
    await bench.pass(1);
    assertEquals(system.takeActions(), ["submit 1"]);
  }
  assertEquals(bench.lines, []);
});

Deno.test("WorkerFleet changes nothing while its system does not answer", async () => {
  await using bench = await new Bench().start({ min: 2 });
  const { system, calls } = bench;
  system.setAll("running");
  await bench.pass(1);
  system.takeActions();
  system.failure = new Error("Nobody answers");
  calls.pending = 4;
  await bench.pass(60);
  assertEquals(system.takeActions(), []);
  assertEquals(bench.fleet.statistics(), {
    wanted: 4,
    queued: 0,
    running: 2,
    ending: 0,
    problem: "Nobody answers",
  });
  // Said once.
  assertEquals(bench.lines, ["Nobody answers"]);
  system.failure = undefined;
  await bench.pass(1);
  assertEquals(system.takeActions(), ["submit 2"]);
  assertEquals(bench.fleet.statistics().problem, undefined);
});

Deno.test("WorkerFleet drains what exceeds max at once", async () => {
  await using bench = await new Bench().start({ min: 2, max: 2 });
  const { system } = bench;
  // A submission was executed though it was not answered.
  system.jobs.set("late", "queued");
  system.takeActions();
  await bench.pass(1);
  assertEquals(system.takeActions().length, 1);
  assertEquals(bench.fleet.statistics().ending, 1);
});

Deno.test("WorkerFleet drains again what failed to be drained", async () => {
  await using bench = await new Bench().start({ min: 2, max: 2 });
  const { system, fleet } = bench;
  system.setAll("running");
  await bench.pass(100);
  system.jobs.set("late", "running");
  system.drainFailure = new Error("scancel has failed");
  system.takeActions();
  await bench.pass(2);
  assertEquals(system.takeActions(), ["drain 1", "drain 1"]);
  assertEquals(fleet.statistics(), {
    wanted: 2,
    queued: 0,
    running: 3,
    ending: 0,
    problem: "scancel has failed",
  });
  system.drainFailure = undefined;
  await bench.pass(3);
  assertEquals(system.takeActions(), ["drain 1"]);
  assertEquals([fleet.statistics().ending, fleet.statistics().problem], [1, undefined]);
});

Deno.test("WorkerFleet shrinks at the next look if it failed to", async () => {
  await using bench = await new Bench().start();
  const { system, calls } = bench;
  calls.pending = 2;
  await bench.pass(1);
  system.setAll("running");
  calls.pending = 0;
  system.drainFailure = new Error("scancel has failed");
  system.takeActions();
  while (system.actions.length === 0) await bench.pass(1);
  system.drainFailure = undefined;
  await bench.pass(2);
  assertEquals(system.takeActions(), ["drain 1,2", "drain 1,2"]);
});

Deno.test("WorkerFleet does not count a job as failed that ends though draining it failed", async () => {
  await using bench = await new Bench().start({ min: 1, max: 1 });
  const { system } = bench;
  system.jobs.set("late", "queued");
  system.drainFailure = new Error("scancel has failed");
  system.takeActions();
  await bench.pass(1);
  assertEquals(system.takeActions(), ["drain 1"]);
  system.jobs.delete("1");
  await bench.pass(1);
  assertEquals([system.takeActions(), bench.lines], [[], ["scancel has failed"]]);
});

Deno.test("WorkerFleet does not grow back to what it needed before jobs ended", async () => {
  await using bench = await new Bench().start();
  const { system, calls } = bench;
  calls.pending = 4;
  await bench.pass(1);
  system.setAll("running");
  await bench.pass(70);
  calls.pending = 3;
  await bench.pass(2);
  calls.pending = 1;
  system.jobs.delete("1");
  system.jobs.delete("2");
  system.takeActions();
  await bench.pass(15);
  assertEquals(system.takeActions(), []);
});

Deno.test("WorkerFleet.close() tries for a minute to cancel all jobs", async () => {
  await using bench = await new Bench().start({ min: 2 });
  const { system } = bench;
  system.failure = new Error("Nobody answers");
  let result: boolean | undefined;
  const closed = bench.fleet.close().then((isEmpty) => result = isEmpty);
  await bench.pass(55);
  assertEquals(result, undefined);
  await bench.pass(10);
  await closed;
  assertEquals(result, false);
  assertEquals(system.jobs.size, 2);
});

Deno.test("WorkerFleet.close() goes on when its system answers again", async () => {
  await using bench = await new Bench().start({ min: 2 });
  const { system } = bench;
  system.failure = new Error("Nobody answers");
  const closed = bench.fleet.close();
  await bench.pass(30);
  system.failure = undefined;
  await bench.pass(2);
  assertEquals(await closed, true);
  assertEquals(system.jobs.size, 0);
  system.takeActions();
  await bench.pass(10);
  assertEquals(system.takeActions(), []);
});

Deno.test("WorkerFleet.start() rejects with what its system says", async () => {
  await using bench = new Bench();
  bench.system.failure = new Error("No such partition");
  await assertRejects(() => bench.start({ min: 1 }), Error, "No such partition");
  assertEquals(bench.lines, []);
});
