/**
 * Calls that cross to a worker in one batch behave like calls that cross one by one. Calls that one
 * callback submits share a batch, up to the batch size with which the tests run.
 *
 * @module
 */

import {
  type ErrorPolicy,
  type Executor,
  type ExitState,
  fromModule,
  type Future,
  FutureCancelledError,
  ProcessExecutor,
  ResourceLimits,
  type RunOptions,
  Scheduler,
  WebWorkerExecutor,
  WorkerLostError,
  type WorkerLostReason,
} from "@amltk/scheduling";
import {
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  assertLess,
  assertMatch,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";
import { withoutFiles } from "../fixtures/without_files.ts";
import { values } from "../fixtures/modules/values.ts";

const { give } = fromModule<typeof import("../fixtures/modules/values.ts")>(
  import.meta.resolve("../fixtures/modules/values.ts"),
);

type BatchSize = number | "adaptive";

const { batch: SIZE = "adaptive" } = BATCH;
// Before any test takes the folder for temporary files away.
const FOLDER = Deno.makeTempDirSync();
addEventListener("unload", () => Deno.removeSync(FOLDER, { recursive: true }));
// So many calls show the pool that a function is quick.
const WARM_UP = 300;
// Ends the run of a call that never settles, so that its test fails.
const NEVER = 60_000;
// Ignores the errors that tasks throw on purpose; those of assertions are raised.
const onException: ErrorPolicy = [RangeError, TypeError, DOMException, WorkerLostError].map(
  (meant) => [meant, "ignore"],
);

/** What runs the calls of a test. */
interface Kind {
  readonly name: string;
  /** Processes share no memory: their calls meet in a folder. */
  readonly areProcesses: boolean;
  /** What delays others. Without files, a process answers only when it yields. */
  readonly blocks: "blocks" | "waits";
  make(workerCount: number, batch: BatchSize): Executor;
}

const WORKERS: Kind = {
  name: "workers",
  areProcesses: false,
  blocks: "blocks",
  make: (workerCount, batch) => new WebWorkerExecutor(workerCount, { batch }),
};
const PROCESSES: Kind = {
  name: "processes",
  areProcesses: true,
  blocks: "blocks",
  make: (workerCount, batch) => new ProcessExecutor(workerCount, { batch }),
};
/** Their pool may not write a file, so it learns by messages what has begun. */
const WITHOUT_FILES: Kind = { ...PROCESSES, name: "processes without files", blocks: "waits" };
const ALL = [WORKERS, PROCESSES, WITHOUT_FILES];

/** A test on each kind, with the batch size in its name. */
function testEach(name: string, fn: (kind: Kind) => Promise<void>, kinds = ALL): void {
  for (const kind of kinds) {
    const what = `${kind.name}, batch ${SIZE}: ${name}`;
    Deno.test(what, () => kind === WITHOUT_FILES ? withoutFiles(() => fn(kind)) : fn(kind));
  }
}

function schedulerOf(kind: Kind, workerCount = 1, size: BatchSize = SIZE): Scheduler {
  return new Scheduler(kind.make(workerCount, size));
}

/**
 * Runs a scheduler; the function that `warmUp` submits is known to be quick when `body` is called, in
 * the callback of its last result. An error of `body` is that of the run.
 */
async function runAfterWarmUp(
  scheduler: Scheduler,
  warmUp: () => unknown,
  body: () => unknown,
  options?: RunOptions,
): Promise<ExitState> {
  scheduler.onStart(() => {
    for (let n = 0; n < WARM_UP; n++) warmUp();
  });
  scheduler.onFutureResult(body, { every: WARM_UP, limit: 1 });
  const exit = await scheduler.run({ timeout: NEVER, wait: false, onException, ...options });
  const expected = options?.wait === undefined ? "exhausted" : "stopped";
  assertEquals(exit, { code: expected, runaways: 0 });
  return exit;
}

async function untilRunning(future: Future): Promise<void> {
  while (future.state === "pending") await new Promise((resolve) => setTimeout(resolve, 1));
}

/** The item at an index. */
function at<T>(list: readonly T[], index: number): T {
  const [item] = list.slice(index);
  if (item === undefined) throw new RangeError(`There is no item at ${index}`);
  return item;
}

// --- a task whose calls do what they are given

/** Where calls meet: numbers in shared memory, or a folder. */
type Shared = Int32Array | string;

type Deed =
  | "returns"
  | "throws"
  | "blocks"
  | "waits"
  | "exits"
  | "kills itself"
  | "closes"
  | "throws later"
  | "leaves a rejection"
  | "returns a function"
  | "throws what holds a function";

/**
 * Notes its start at its place, and returns where it was called. Calls that block or wait stop until the gate
 * is open.
 */
function act(deed: Deed, place: number, shared: Shared): unknown {
  const name = (globalThis as { name?: string }).name || `process-${Deno.pid}`;
  const where = `${place} in ${name}`;
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  const isClosed = () => {
    if (typeof shared !== "string") return Atomics.load(shared, 0) === 0;
    try {
      return Deno.statSync(`${shared}/open`) === undefined;
    } catch {
      return true;
    }
  };
  if (typeof shared !== "string") Atomics.add(shared, place, 1);
  else Deno.writeTextFileSync(`${shared}/started`, `${place},`, { append: true });
  const later = async () => {
    while (isClosed()) await new Promise((resolve) => setTimeout(resolve, 1));
    return where;
  };
  switch (deed) {
    case "throws":
      throw new RangeError(where);
    case "blocks":
      while (isClosed()) Atomics.wait(sleeper, 0, 0, 1);
      return where;
    case "waits":
      return later();
    case "exits":
      return Deno.exit(3);
    case "kills itself":
      Deno.kill(Deno.pid, "SIGKILL");
      return later();
    case "closes":
      self.close();
      return where;
    case "throws later":
      setTimeout(() => {
        throw new RangeError("late");
      });
      return later();
    case "leaves a rejection":
      Promise.reject(new RangeError("left"));
      return later();
    case "returns a function":
      return { hook() {} };
    case "throws what holds a function":
      throw Object.assign(new TypeError(where), { hook() {} });
  }
  return where;
}

/** A scheduler with a task whose function is `act()`. */
class Stage {
  readonly scheduler: Scheduler;
  readonly #executor: Executor;
  readonly settled: Future[] = [];
  readonly #shared: Shared;
  readonly #task;

  constructor(kind: Kind, workerCount?: number) {
    this.#shared = kind.areProcesses
      ? Deno.makeTempDirSync({ dir: FOLDER })
      : new Int32Array(new SharedArrayBuffer(4 * 64));
    this.#executor = kind.make(workerCount ?? 1, SIZE);
    this.scheduler = new Scheduler(this.#executor);
    this.#task = this.scheduler.task(act);
    this.scheduler.onTimeout(this.open);
    const note = (future: Future) => this.settled.push(future);
    this.scheduler.onFutureDone(note);
    this.scheduler.onFutureCancelled(note);
  }

  /** Runs the scheduler; calls `body` once the pool knows that `act()` is quick. */
  run(body: () => unknown, options?: RunOptions): Promise<ExitState> {
    const warmUp = () => this.#task.submit("returns", 63, this.#shared);
    const bodyOrOpen = async () => {
      try {
        await body();
      } catch (error) {
        this.open();
        throw error;
      }
    };
    return runAfterWarmUp(this.scheduler, warmUp, bodyOrOpen, options);
  }

  /** Submits `count` calls that return, except for the `others` by their index. */
  submit(count: number, others: Readonly<Record<number, Deed>> = {}): Future[] {
    return Array.from(
      { length: count },
      (_, index) => this.#task.submit(others[index] ?? "returns", index + 1, this.#shared),
    );
  }

  /** Submits a call that cannot be sent. */
  submitUnsendable(): Future {
    return this.#task.submit((() => {}) as never, 0, this.#shared);
  }

  /** Opens the gate for calls that block or wait. */
  readonly open = () => {
    if (typeof this.#shared === "string") Deno.writeTextFileSync(`${this.#shared}/open`, "");
    else Atomics.store(this.#shared, 0, 1);
  };

  /** Resolves when each worker has answered all that it was asked. */
  async untilAnswered(): Promise<void> {
    await this.#executor.takeBack?.([]);
  }

  /** How often each of the first `count` calls has started. */
  started(count: number): number[] {
    if (typeof this.#shared !== "string") return [...this.#shared.subarray(1, count + 1)];
    const places = Deno.readTextFileSync(`${this.#shared}/started`).split(",").map(Number);
    return Array.from(
      { length: count },
      (_, index) => places.filter((place) => place === index + 1).length,
    );
  }

  /** Asserts that all have started and settled once, and all but those at `except` have returned. */
  assertReturned(futures: readonly Future[], except: readonly number[] = []): void {
    for (const [index, { exception, result }] of futures.entries()) {
      if (!except.includes(index)) {
        assertMatch(
          `${exception ?? result}`,
          new RegExp(`^${index + 1} in (worker|process)-\\d+$`),
        );
      }
    }
    assertEquals(this.started(futures.length), futures.map(() => 1));
    this.assertSettled(futures);
  }

  /** Asserts that each has settled once. */
  assertSettled(futures: readonly Future[]): void {
    const times = (future: Future) => this.settled.filter((settled) => settled === future).length;
    assertEquals(futures.map(times), futures.map(() => 1));
  }
}

// --- a slow call

for (const deed of ["blocks", "waits"] as const) {
  const kinds = ALL.filter((kind) => deed === "waits" || kind.blocks === "blocks");
  testEach(`a call that ${deed} delays no other while a worker idles`, async (kind) => {
    for (const place of [0, 7, 19]) {
      const stage = new Stage(kind, 2);
      let futures: Future[] = [];
      await stage.run(async () => {
        futures = stage.submit(20, { [place]: deed });
        await Promise.all(futures.toSpliced(place, 1));
        await untilRunning(at(futures, place));
        assertEquals(at(futures, place).state, "running");
        stage.open();
      });
      stage.assertReturned(futures);
    }
  }, kinds);
}

testEach("ended calls are reported while a slow one runs", async (kind) => {
  // The duration of the first call shifts the moment at which the pool looks for slow calls.
  for (const ms of [1, 2, 3, 3.5, 4]) {
    const stage = new Stage(kind);
    const first = stage.scheduler.task((ms: number) => {
      for (const end = performance.now() + ms; performance.now() < end;);
    });
    let futures: Future[] = [];
    first.onResult(async () => {
      futures = stage.submit(10, { 9: "blocks" });
      await Promise.all(futures.slice(0, -1));
      stage.open();
    });
    await stage.run(() => void first.submit(ms));
    stage.assertReturned(futures);
  }
});

testEach("an unsendable call does not wait for a slow successor", async (kind) => {
  const stage = new Stage(kind);
  await stage.run(async () => {
    const refused = stage.submitUnsendable();
    const slow = at(stage.submit(1, { 0: "blocks" }), 0);
    assertInstanceOf(await refused.catch((error) => error), DOMException);
    await untilRunning(slow);
    assertEquals(slow.state, "running");
    stage.open();
  });
});

testEach("transferred arguments are sent once, however late their worker", async (kind) => {
  const shared = new Int32Array(new SharedArrayBuffer(12));
  const scheduler = schedulerOf(kind, 3);
  // Returns once two calls have started, then blocks its worker until the gate opens.
  const leave = scheduler.task(async (shared: Int32Array) => {
    Atomics.add(shared, 1, 1);
    Atomics.notify(shared, 1);
    while (Atomics.load(shared, 1) < 2) await Atomics.waitAsync(shared, 1, 1).value;
    setTimeout(() => {
      Atomics.add(shared, 2, 1);
      while (Atomics.load(shared, 0) === 0) Atomics.wait(shared, 0, 0);
    });
  }, { plugins: new ResourceLimits({ wallTime: NEVER }) });
  const plain = scheduler.task((n: number) => n);
  const moving = scheduler.task((moved: ArrayBuffer) => moved.byteLength);
  const open = () => {
    Atomics.store(shared, 0, 1);
    Atomics.notify(shared, 0);
  };
  scheduler.onTimeout(open);
  scheduler.onStart(async () => {
    await Promise.all([leave.submit(shared), leave.submit(shared)]);
    while (Atomics.load(shared, 2) < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    const buffer = new ArrayBuffer(7);
    const moved = moving.with({ transfer: [buffer] }).submit(buffer);
    // One of these calls goes to the other blocked worker first, and then to a third one that starts for it.
    assertEquals(await Promise.all([plain.submit(1), plain.submit(2)]), [1, 2]);
    open();
    assertEquals(await moved, 7);
  });
  const exit = await scheduler.run({ timeout: NEVER, wait: false });
  assertEquals(exit, { code: "exhausted", runaways: 0 });
}, [WORKERS]);

testEach("calls of one batch have their own states and times", async (kind) => {
  const stage = new Stage(kind);
  let futures: Future[] = [];
  let [seenAt, openedAt] = [0, 0];
  await stage.run(async () => {
    futures = stage.submit(6, { 2: "blocks" });
    const slow = at(futures, 2);
    await untilRunning(slow);
    seenAt = performance.now();
    await Promise.all(futures.slice(0, 2));
    const states = futures.map(({ state }) => state);
    assertEquals(states, ["done", "done", "running", "pending", "pending", "pending"]);
    assertEquals(at(futures, 3).startedAt, undefined);
    const { startedAt } = slow;
    openedAt = performance.now();
    stage.open();
    await Promise.all(futures);
    assertStrictEquals(slow.startedAt, startedAt);
  });
  const times = futures.map(({ startedAt }) => startedAt ?? NaN);
  assertEquals(times, times.toSorted((a, b) => a - b));
  for (const [index, { submittedAt, settledAt = NaN }] of futures.entries()) {
    assertGreaterOrEqual(at(times, index), submittedAt);
    assertLess(at(times, index), settledAt);
  }
  assertLess(at(times, 2), seenAt);
  assertGreater(at(times, 3), openedAt);
});

// --- cancellation

testEach("a call cancelled before its start never runs, others do", async (kind) => {
  const stage = new Stage(kind);
  let futures: Future[] = [];
  await stage.run(async () => {
    futures = stage.submit(12, { 1: kind.blocks });
    await untilRunning(at(futures, 1));
    assertEquals([4, 11].map((place) => at(futures, place).cancel()), [true, true]);
    // Without files, the worker could start them until it has read that it must not.
    if (kind === WITHOUT_FILES) await stage.untilAnswered();
    stage.open();
  });
  assertEquals(stage.started(12), [1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0]);
  const cancelled = futures.filter((future) => future.cancelled);
  assertEquals(cancelled, [at(futures, 4), at(futures, 11)]);
  for (const { startedAt } of cancelled) assertEquals(startedAt, undefined);
  stage.assertSettled(futures);
  const rest = futures.filter((future) => !future.cancelled);
  assertEquals(rest.map(({ exception }) => exception), rest.map(() => undefined));
});

testEach("the running call is cancelled, and each other runs once", async (kind) => {
  const stage = new Stage(kind);
  let futures: Future[] = [];
  await stage.run(async () => {
    futures = stage.submit(12, { 5: "waits" });
    const running = at(futures, 5);
    await untilRunning(running);
    assertEquals([running.cancel(), running.state], [true, "cancelled"]);
  });
  stage.assertReturned(futures, [5]);
  assertInstanceOf(at(futures, 5).exception, FutureCancelledError);
  const workers = futures.map(({ result }) => String(result).split(" in ")[1]);
  const numbers = workers.toSpliced(5, 1).map((name, _, others) => others.indexOf(name));
  assertEquals(numbers, [0, 0, 0, 0, 0, 5, 5, 5, 5, 5, 5]);
});

testEach("running calls are cancelled one by one, and no other", async (kind) => {
  const scheduler = schedulerOf(kind);
  const same = scheduler.task((n: number) => {
    const ms = n % 50 === 49 ? 5 : 0.1;
    for (const end = performance.now() + ms; performance.now() < end;);
    return n;
  });
  const futures: Future<number>[] = [];
  let first = 0;
  let cancelled = 0;
  const submitMore = () => {
    for (const end = futures.length + 5000; futures.length < end;) {
      futures.push(same.submit(futures.length));
    }
  };
  const isSettled = ({ done, cancelled }: Future) => done || cancelled;
  // The next calls start while the pool ends the worker.
  const cancelRunning = () => {
    while (first < futures.length && isSettled(at(futures, first))) first++;
    // On a busy machine, what runs may always have ended when this looks.
    if (cancelled === 0 && futures.length - first < 256) submitMore();
    const sent = futures.slice(first, first + 256);
    if (sent.find(({ state }) => state === "running")?.cancel()) cancelled++;
    if (first < futures.length && cancelled < 10) scheduler.callLater(1, cancelRunning);
  };
  await runAfterWarmUp(scheduler, () => same.submit(0), () => {
    submitMore();
    scheduler.callLater(1, cancelRunning);
  });
  const rest = [...futures.entries()].filter(([, { cancelled }]) => !cancelled);
  assertGreater(cancelled, 0);
  assertEquals(rest.length, futures.length - cancelled);
  assertEquals(rest.map(([, { exception, result }]) => exception ?? result), rest.map(([n]) => n));
});

testEach("a callback may cancel another call of its batch", async (kind) => {
  const stage = new Stage(kind);
  let futures: Future[] = [];
  await stage.run(() => {
    futures = stage.submit(20);
    at(futures, 3).then(() => at(futures, 10).cancel());
    stage.scheduler.onFutureResult((future) => {
      if (future === at(futures, 12)) at(futures, 17).cancel();
    });
  });
  stage.assertSettled(futures);
  const unexpected = futures.filter((future) =>
    !future.cancelled && future.exception !== undefined
  );
  assertEquals(unexpected, []);
  assertEquals(at(futures, 17).cancelled, true);
  for (const times of stage.started(20)) assertLess(times, 2);
});

// --- the end of a run

testEach("a run that waits for running calls cancels pending ones", async (kind) => {
  const stage = new Stage(kind);
  let futures: Future[] = [];
  const exit = await stage.run(async () => {
    futures = stage.submit(10, { 3: kind.blocks });
    await untilRunning(at(futures, 3));
    stage.scheduler.onFutureCancelled(stage.open);
    stage.scheduler.stop();
  }, { wait: true });
  assertEquals(exit.code, "stopped");
  stage.assertSettled(futures);
  assertEquals(stage.started(10), [1, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
  assertEquals(futures.map(({ done }) => done), [..."1111000000"].map((digit) => digit === "1"));
});

testEach("a run that waits for all runs the pending calls", async (kind) => {
  const stage = new Stage(kind);
  let futures: Future[] = [];
  const exit = await stage.run(async () => {
    futures = stage.submit(10, { 3: "blocks" });
    await untilRunning(at(futures, 3));
    stage.scheduler.onFinishing(stage.open);
    stage.scheduler.stop();
  }, { wait: "all" });
  assertEquals(exit.code, "stopped");
  stage.assertReturned(futures);
});

testEach("a run that waits for nothing cancels sent calls", async (kind) => {
  const stage = new Stage(kind);
  let futures: Future[] = [];
  const exit = await stage.run(async () => {
    futures = stage.submit(10, { 3: "waits" });
    await Promise.all(futures.slice(0, 3));
    await untilRunning(at(futures, 3));
    stage.scheduler.stop();
  }, { wait: false });
  assertEquals(exit.code, "stopped");
  stage.assertSettled(futures);
  assertEquals(stage.started(10), [1, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
  assertEquals(futures.map(({ done }) => done), [..."1110000000"].map((digit) => digit === "1"));
});

// --- faults

const losses: Partial<Record<Deed, [reason: WorkerLostReason, cause: string]>> = {
  "kills itself": ["killed", "undefined"],
  "exits": ["exit", "undefined"],
  "closes": ["close", "undefined"],
  "throws later": ["uncaught-error", "RangeError: late"],
  "leaves a rejection": ["uncaught-error", "RangeError: left"],
};

for (const [deed, [reason, cause]] of Object.entries(losses)) {
  // It would end this program.
  const kinds = deed === "kills itself" ? [PROCESSES, WITHOUT_FILES] : ALL;
  testEach(`a call that ${deed} is lost alone`, async (kind) => {
    // The first of a batch, one amid those that are sent again, and the last.
    const places = [0, 24, 47];
    const stage = new Stage(kind);
    let futures: Future[] = [];
    await stage.run(() => {
      futures = stage.submit(48, Object.fromEntries(places.map((n) => [n, deed as Deed])));
    });
    stage.assertReturned(futures, places);
    for (const place of places) {
      const { exception } = at(futures, place);
      assertInstanceOf(exception, WorkerLostError);
      assertEquals([exception.reason, String(exception.cause)], [reason, cause]);
    }
  }, kinds);
}

testEach("several calls that end their worker are each lost alone", async (kind) => {
  const stage = new Stage(kind, 2);
  const others: Record<number, Deed> = {
    2: "exits",
    3: "closes",
    9: "throws later",
    10: "throws",
    20: "leaves a rejection",
    39: "exits",
  };
  let futures: Future[] = [];
  await stage.run(() => futures = stage.submit(40, others));
  stage.assertReturned(futures, Object.keys(others).map(Number));
  for (const [place, deed] of Object.entries(others)) {
    const { exception } = at(futures, Number(place));
    assertInstanceOf(exception, deed === "throws" ? RangeError : WorkerLostError);
  }
});

testEach("an unsendable call fails though its worker is lost", async (kind) => {
  const stage = new Stage(kind);
  let futures: Future[] = [];
  const exit = await stage.run(() => {
    futures = [stage.submitUnsendable(), ...stage.submit(3, { 1: "exits" })];
  });
  assertEquals(exit.code, "exhausted");
  stage.assertSettled(futures);
  const names = futures.map(({ exception }) => (exception as Error | undefined)?.name);
  assertEquals(names, ["DataCloneError", undefined, "WorkerLostError", undefined]);
});

testEach("an uncloneable value fails its call alone", async (kind) => {
  const stage = new Stage(kind);
  let [futures, refused]: [Future[], Future | undefined] = [[], undefined];
  await stage.run(() => {
    futures = stage.submit(6, { 1: "returns a function", 4: "throws what holds a function" });
    refused = stage.submitUnsendable();
  });
  stage.assertReturned(futures, [1, 4]);
  const [argument, result, error] = [refused, futures[1], futures[4]].map((f) => f?.exception);
  assertInstanceOf(argument, DOMException);
  assertMatch(
    argument.message,
    /^act cannot be called: argument 1 is a func/,
  );
  assertInstanceOf(result, DOMException);
  assertMatch(result.message, /^The result of act, at \.hook, is a function/);
  assertInstanceOf(error, TypeError);
  assertMatch(error.message, /^5 in (worker|process)-\d+$/);
});

// --- arguments and results

testEach("calls with the same argument do not share its copy", async (kind) => {
  const scheduler = schedulerOf(kind);
  const count = scheduler.task((first: { calls: number }, second: { calls: number }) => {
    first.calls++;
    return `${first.calls} ${second.calls}`;
  });
  let futures: Future<string>[] = [];
  await runAfterWarmUp(scheduler, () => count.submit({ calls: 0 }, { calls: 0 }), () => {
    const given = { calls: 0 };
    futures = Array.from({ length: 10 }, () => count.submit(given, given));
  });
  // Those of one call are one, as they are in a call of this thread.
  assertEquals(futures.map(({ result }) => result), futures.map(() => "1 1"));
});

testEach("arguments of every kind and number arrive at their own calls", async (kind) => {
  const scheduler = schedulerOf(kind);
  const show = scheduler.task((...given: unknown[]) => Deno.inspect(given));
  const lists: unknown[][] = [
    [],
    [1],
    [undefined, undefined],
    [-0, NaN, 2n, "text", null, true],
    [{ a: 1 }],
    [[1, [2]], new Map([[1, 2]])],
    [],
    [new Uint8Array(3), 1],
    ["last"],
  ];
  let futures: Future<string>[] = [];
  await runAfterWarmUp(scheduler, () => show.submit(), () => {
    futures = [...lists, ...lists.toReversed()].map((list) => show.submit(...list));
  });
  const expected = [...lists, ...lists.toReversed()].map((list) => Deno.inspect(list));
  assertEquals(futures.map(({ result }) => result), expected);
});

for (const how of ["returned", "promised", "thrown", "rejected"] as const) {
  testEach(`values of every kind arrive as they are, ${how}, and in order`, async (kind) => {
    const scheduler = schedulerOf(kind);
    const giving = scheduler.task(give);
    const ended: Future[] = [];
    let futures: Future[] = [];
    giving.onDone((future) => ended.push(future));
    await runAfterWarmUp(scheduler, () => giving.submit("null", "returned"), () => {
      futures = Object.keys(values).map((name) => giving.submit(name, how));
    }, { onException: "ignore" });
    assertEquals(ended.slice(WARM_UP), futures);
    const failed = how === "thrown" || how === "rejected";
    for (const [index, [name, make]] of Object.entries(values).entries()) {
      const { result, exception } = at(futures, index);
      const [given, other] = failed ? [exception, result] : [result, exception];
      const expected = make();
      assertEquals(other, undefined, name);
      if (expected instanceof Error) assertEquals(String(given), String(expected), name);
      else assertEquals(Deno.inspect(given), Deno.inspect(expected), name);
    }
  });
}

// --- order

testEach("calls of two functions run in the order of submission", async (kind) => {
  const scheduler = schedulerOf(kind);
  // Returns how many calls have started in the only worker, itself included.
  const even = scheduler.task((_n: number) => {
    const scope = globalThis as { started?: number };
    return scope.started = (scope.started ?? 0) + 1;
  }, { name: "even" });
  const odd = scheduler.task((n: number) => {
    const scope = globalThis as { started?: number };
    scope.started = (scope.started ?? 0) + 1;
    return n % 4 === 1 ? scope.started : Promise.resolve(scope.started);
  }, { name: "odd" });
  const seen: string[] = [];
  const numbers = new Map<Future, number>();
  const note = (event: string) => (future: Future) => {
    const n = numbers.get(future);
    if (n !== undefined) seen.push(`${event} ${n}`);
  };
  scheduler.onFutureDone(note("future-done"));
  scheduler.onFutureResult(note("future-result"));
  for (const task of [even, odd]) {
    task.onDone(note("done"));
    task.onResult(note("result"));
  }
  let futures: Future<number>[] = [];
  const all = Array.from({ length: 4000 }, (_, n) => n);
  await runAfterWarmUp(scheduler, () => even.submit(0), () => {
    for (const task of [even, odd]) {
      task.onSubmitted((future, n) => {
        numbers.set(future, n);
        seen.push(`submitted ${n}`);
      });
    }
    futures = all.map((n) => (n % 2 === 0 ? even : odd).submit(n));
  });
  assertEquals(futures.map(({ result }) => result), all.map((n) => WARM_UP + n + 1));
  const events = ["future-done", "future-result", "done", "result"];
  assertEquals(seen, [
    ...all.map((n) => `submitted ${n}`),
    ...all.flatMap((n) => events.map((event) => `${event} ${n}`)),
  ]);
});

testEach("calls behind a slow one start in the order of submission", async (kind) => {
  const scheduler = schedulerOf(kind);
  const count = scheduler.task((gate?: string) => {
    const isClosed = () => {
      try {
        return gate !== undefined && Deno.statSync(gate) === undefined;
      } catch {
        return true;
      }
    };
    while (isClosed());
    const scope = globalThis as { started?: number };
    return scope.started = (scope.started ?? 0) + 1;
  });
  const gate = `${Deno.makeTempDirSync({ dir: FOLDER })}/open`;
  const open = () => Deno.writeTextFileSync(gate, "");
  scheduler.onTimeout(open);
  const all = Array.from({ length: 600 }, (_, n) => n);
  let futures: Future<number>[] = [];
  await runAfterWarmUp(scheduler, () => count.submit(), async () => {
    futures = all.map((n) => n === 3 ? count.submit(gate) : count.submit());
    // The ended calls are reported after the pending ones were taken back.
    await Promise.all(futures.slice(0, 3));
    await untilRunning(at(futures, 3));
    open();
  });
  assertEquals(futures.map(({ result }) => result), all.map((n) => WARM_UP + n + 1));
});

Deno.test("no call overtakes earlier ones that are being taken back", async () => {
  const scheduler = schedulerOf(WORKERS, 1, 256);
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const count = scheduler.task((blocks: boolean, shared: Int32Array) => {
    const started = Atomics.add(shared, 1, 1);
    while (blocks && Atomics.load(shared, 0) === 0) Atomics.wait(shared, 0, 0);
    return started;
  });
  const open = () => {
    Atomics.store(shared, 0, 1);
    Atomics.notify(shared, 0);
  };
  scheduler.onTimeout(open);
  const { compareExchange } = Atomics;
  // Each batch is taken back by one exchange. The worker continues after the first.
  const exchangeAndGoOn = (...args: unknown[]) => {
    const replaced = Reflect.apply(compareExchange, Atomics, args);
    Atomics.compareExchange = compareExchange;
    const started = Atomics.load(shared, 1);
    open();
    for (const end = performance.now() + NEVER; performance.now() < end;) {
      if (Atomics.load(shared, 1) > started) break;
    }
    return replaced;
  };
  const all = Array.from({ length: 600 }, (_, n) => n);
  let futures: Future<number>[] = [];
  try {
    await runAfterWarmUp(scheduler, () => count.submit(false, shared), () => {
      futures = all.map((n) => count.submit(n === 3, shared));
      Atomics.compareExchange = exchangeAndGoOn as typeof compareExchange;
    });
  } finally {
    Atomics.compareExchange = compareExchange;
  }
  assertEquals(futures.map(({ result }) => result), all.map((n) => WARM_UP + n));
});

testEach("calls with limits or transferred arguments take turns", async (kind) => {
  const scheduler = schedulerOf(kind);
  // Returns its turn, how many calls are running, and the moved bytes.
  const work = async (waits: boolean, moved?: ArrayBuffer) => {
    const scope = globalThis as { started?: number; running?: number };
    const started = scope.started = (scope.started ?? 0) + 1;
    const running = scope.running = (scope.running ?? 0) + 1;
    if (waits) await new Promise((resolve) => setTimeout(resolve));
    scope.running--;
    return [started, running, moved?.byteLength];
  };
  const plain = scheduler.task(work);
  const limited = scheduler.task(work, { plugins: new ResourceLimits({ wallTime: NEVER }) });
  let futures: Future[] = [];
  const all = Array.from({ length: 120 }, (_, n) => n);
  await runAfterWarmUp(scheduler, () => plain.submit(false), () => {
    futures = all.map((n) => {
      if (n % 4 === 1) return limited.submit(true);
      if (n % 4 !== 3) return plain.submit(false);
      const buffer = new ArrayBuffer(n);
      return plain.with({ transfer: [buffer] }).submit(true, buffer);
    });
  });
  assertEquals(
    futures.map(({ result }) => result),
    all.map((n) => [WARM_UP + n + 1, 1, n % 4 === 3 ? n : undefined]),
  );
});

// --- the option

Deno.test("batch is a number up to 256, or adaptive", () => {
  const refused: [unknown, typeof Error, string][] = [
    [0, RangeError, "batch must be a positive integer, not 0"],
    [-1, RangeError, "not -1"],
    [1.5, RangeError, "not 1.5"],
    [NaN, RangeError, "not NaN"],
    [Infinity, RangeError, "not Infinity"],
    [257, RangeError, "batch must be at most 256, not 257"],
    ["x", TypeError, 'batch must be a number or "adaptive", not "x"'],
    [null, TypeError, "not null"],
  ];
  for (const [batch, errorClass, message] of refused) {
    for (const Executor of [WebWorkerExecutor, ProcessExecutor]) {
      assertThrows(() => new Executor(1, { batch: batch as number }), errorClass, message);
    }
  }
  for (const batch of [1, 2, 256, "adaptive", undefined] as const) {
    new WebWorkerExecutor(1, { batch });
    new ProcessExecutor(1, { batch });
  }
});

Deno.test("batch limits how many calls cross in one message", async () => {
  const messages = async (batch: BatchSize, ms: number, count = 256) => {
    const scheduler = schedulerOf(WORKERS, 1, batch);
    const task = scheduler.task((ms: number) => {
      for (const end = performance.now() + ms; performance.now() < end;);
    });
    let sent = 0;
    // Messages after the last result end the worker and do not count.
    let sentForCalls = 0;
    task.onResult(() => sentForCalls = sent);
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (...args) {
      sent++;
      postMessage.apply(this, args as never);
    };
    try {
      await runAfterWarmUp(scheduler, () => task.submit(ms), () => {
        sent = 0;
        for (let n = 0; n < count; n++) task.submit(ms);
      });
    } finally {
      Worker.prototype.postMessage = postMessage;
    }
    return sentForCalls;
  };
  assertEquals(await messages(1, 0), 256);
  // A worker that the machine slows down returns calls, which then cross again: not ten times in a row.
  let fewest = Infinity;
  for (let left = 10; left > 0 && fewest > 1; left--) {
    fewest = Math.min(fewest, await messages(256, 0));
  }
  assertEquals(fewest, 1);
  assertGreaterOrEqual(await messages(16, 0), 16);
  assertLess(await messages("adaptive", 0), 128);
  // Long calls cross one by one, because those behind them would have to wait.
  assertEquals(await messages("adaptive", 2, 20), 20);
});
