/** The scenarios that the soak test repeats, as a long-lived program would. @module */

import {
  Comm,
  type Future,
  Journal,
  Retry,
  Scheduler,
  type Task,
  type WorkerComm,
  WorkerLostError,
} from "@amltk/scheduling";

/** A scenario to repeat. */
export interface Scenario {
  readonly name: string;
  /** The number of rounds at full scale. */
  readonly rounds: number;
  /** Calls `round` once per round, in one run or in many, so that memory can be measured. */
  run(rounds: number, round: () => Promise<void>): Promise<void>;
}

type Talk = { sent: Uint8Array; asked: string; answered: Uint8Array; received: Uint8Array };

const CALLS_A_ROUND = 1000;
const LARGE = 2 ** 22;

/** What runs the calls of some scenarios. */
interface Kind {
  readonly name: string;
  /** By what to multiply the rounds that only start something: a process takes longer than a worker. */
  readonly part: number;
  make(count: number): Scheduler;
}

const KINDS: readonly Kind[] = [
  { name: "workers", part: 1, make: (count) => Scheduler.withWorkers(count) },
  { name: "processes", part: 0.2, make: (count) => Scheduler.withProcesses(count) },
  {
    name: "processes with batches of 1",
    part: 0.2,
    make: (count) => Scheduler.withProcesses(count, { batch: 1 }),
  },
];

/** The scenarios of the soak test. */
export const SCENARIOS: readonly Scenario[] = [
  ...KINDS.flatMap(scenariosOf),
  {
    name: "100 callbacks with limit: 1, and 100 that unsubscribe",
    rounds: 200,
    run: (rounds, round) =>
      inOneRun(Scheduler.withWorkers(1), async (scheduler) => {
        const task = scheduler.task((n: number) => n);
        await repeat(rounds, async () => {
          for (let n = 0; n < 100; n++) {
            // Both callbacks keep this array alive.
            const data = new Uint8Array(10_000);
            task.onResult(() => data.fill(1), { limit: 1 });
            task.onResult(() => data.fill(1))();
          }
          await task.submit(1);
          await round();
        });
      }),
  },
  {
    name: "a call that loses two workers and is tried again",
    rounds: 100,
    run: (rounds, round) =>
      inOneRun(Scheduler.withWorkers(1), async (scheduler) => {
        const plugins = new Retry({ maxAttempts: 3, backoff: 1 });
        const exits = scheduler.task((attempts: Int32Array) => {
          if (Atomics.add(attempts, 0, 1) < 2) Deno.exit(1);
        }, { plugins });
        await repeat(rounds, async () => {
          await exits.submit(new Int32Array(new SharedArrayBuffer(4)));
          await round();
        });
      }),
  },
  {
    name: "100 calls that are cancelled while they pause",
    rounds: 100,
    run: (rounds, round) =>
      inOneRun(Scheduler.withWorkers(1), async (scheduler) => {
        const plugins = new Retry({ maxAttempts: 2, backoff: 2 ** 30, retryIf: () => true });
        const fails = scheduler.task((bytes: Uint8Array) => {
          throw new RangeError(`${bytes.length}`);
        }, { plugins });
        let left = 0;
        fails.on("retry", (future) => {
          scheduler.callLater(0, () => future.cancel());
        });
        await repeat(rounds, async () => {
          left = 100;
          const ended = Promise.withResolvers<void>();
          fails.on("cancelled", () => --left === 0 && ended.resolve(), { limit: 100 });
          for (let n = 0; n < 100; n++) fails.submit(new Uint8Array(10_000));
          await ended.promise;
          await round();
        });
      }),
  },
  {
    name: "100 results that a journal writes, 100 that it knows, and 100 calls that wait",
    rounds: 100,
    async run(rounds, round) {
      const folder = await Deno.makeTempDir();
      try {
        using journal = new Journal({ path: `${folder}/results.db` });
        await inOneRun(Scheduler.withWorkers(1), async (scheduler) => {
          const fill = scheduler.task((n: number) => new Uint8Array(10_000).fill(n), {
            plugins: journal,
          });
          let next = 0;
          await repeat(rounds, async () => {
            const numbers = Array.from({ length: 100 }, () => next++);
            const again = [...numbers, ...numbers].map((n) => fill.submit(n));
            await Promise.all(again);
            await Promise.all(numbers.map((n) => fill.submit(n)));
            for (const { key } of journal.entries()) journal.delete(key);
            await round();
          });
        });
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  },
  {
    name: "a process with a large result",
    rounds: 40,
    async run(rounds, round) {
      const scheduler = Scheduler.withProcesses(1);
      const bytes = scheduler.task((length: number) => new Uint8Array(length));
      scheduler.onStart(() => {
        bytes.submit(LARGE);
      });
      await repeat(rounds, async () => {
        await scheduler.run();
        await round();
      });
    },
  },
];

function scenariosOf({ name, part, make }: Kind): Scenario[] {
  return [
    {
      name: `a run with fresh ${name}`,
      rounds: 1000 * part,
      async run(rounds, round) {
        const scheduler = make(1);
        const task = scheduler.task((n: number) => n);
        scheduler.onStart(() => {
          task.submit(1);
        });
        await repeat(rounds, async () => {
          await scheduler.run();
          await round();
        });
      },
    },
    {
      name: `${CALLS_A_ROUND} calls in one run of ${name}`,
      rounds: 200,
      run: (rounds, round) =>
        inOneRun(make(2), async (scheduler) => {
          const task = scheduler.task((n: number) => ({ n }));
          await repeat(rounds, async () => {
            await submitMany(task, CALLS_A_ROUND);
            await round();
          });
        }),
    },
    {
      name: `100 cancelled calls behind a busy worker: ${name}`,
      rounds: 100,
      run: (rounds, round) =>
        inOneRun(make(1), async (scheduler) => {
          const endless = scheduler.task(() => new Promise<void>(() => {}));
          const size = scheduler.task((bytes: Uint8Array) => bytes.length);
          const busy = endless.submit();
          await repeat(rounds, async () => {
            for (let n = 0; n < 100; n++) size.submit(new Uint8Array(10_000)).cancel();
            await round();
          });
          busy.cancel();
        }),
    },
    {
      name: `a lost worker: ${name}`,
      rounds: 200,
      run: (rounds, round) =>
        inOneRun(make(1), async (scheduler) => {
          const exit = scheduler.task(() => Deno.exit(1));
          await repeat(rounds, async () => {
            await exit.submit().catch(() => {});
            await round();
          });
        }),
    },
    {
      name: `100 calls that send messages, ask, receive, and are asked to end, on ${name}`,
      rounds: 100,
      run: (rounds, round) =>
        inOneRun(make(2), async (scheduler) => {
          const comm = new Comm();
          const talk = scheduler.task(async (comm: WorkerComm<Talk>) => {
            for (let n = 0; n < 10; n++) comm.send(new Uint8Array(1000));
            const answer = await comm.request("?");
            for await (const bytes of comm) return answer.length + bytes.length;
            return 0;
          }, { plugins: comm });
          const spin = scheduler.task((comm: WorkerComm<Talk>) => {
            comm.send(new Uint8Array(1000));
            while (!comm.signal.aborted);
          }, { plugins: new Comm() });
          talk.on("comm-request", (future, _question, respond) => {
            respond(new Uint8Array(1000));
            comm.send(future, new Uint8Array(1000));
          });
          spin.on("comm-message", (future) => future.cancel({ grace: 60_000 }));
          await repeat(rounds, async () => {
            const calls = Array.from({ length: 50 }, () => [talk.submit(), spin.submit()]);
            await Promise.all(calls.flat());
            await round();
          });
        }),
    },
  ];
}

async function repeat(rounds: number, round: () => Promise<void>): Promise<void> {
  for (let n = 0; n < rounds; n++) await round();
}

async function submitMany(task: Task<[n: number], unknown, object, never>, count: number) {
  let last: Future<unknown> | undefined;
  for (let n = 0; n < count; n++) last = task.submit(n);
  await last;
}

/** Runs a scheduler until `body` has returned. */
async function inOneRun(
  scheduler: Scheduler,
  body: (scheduler: Scheduler) => Promise<void>,
): Promise<void> {
  scheduler.onStart(() => body(scheduler));
  await scheduler.run({ onException: [[WorkerLostError, "ignore"]] });
}
