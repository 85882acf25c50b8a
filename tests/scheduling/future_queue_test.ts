import { type Future, Scheduler, type Task } from "@amltk/scheduling";
import { assertEquals, assertGreater, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import {
  FutureQueue,
  QueueNode,
  SCHEDULER_LINKS,
  TASK_LINKS,
} from "../../scheduling/_future_queue.ts";
import { type Canceller, Future as NewFuture, openFuture } from "../../scheduling/future.ts";
import { BATCH } from "../fixtures/batch_option.ts";

// Random programs that put futures into queues, take them out and walk through them all the while,
// run on FutureQueues and on plain Sets. Both must show the same at each step.

const SEED = 20_240_611;
const RUNS = 1000;
const OWNERS = 2;
const WALKS = ["values", "keys", "entries", "iterator"] as const;

type Queue = ReadonlySet<Future>;

type Step =
  | { kind: "append"; owner: number }
  | { kind: "remove"; which: number }
  | { kind: "walk"; queue: number; how: typeof WALKS[number] }
  | { kind: "go on"; walk: number }
  | { kind: "compare"; queue: number; which: readonly number[] };

class Node extends QueueNode implements Canceller {
  readonly #owner: number;

  constructor(future: Future, owner: number) {
    super(future);
    this.#owner = owner;
    openFuture(future, this);
  }

  override get owner(): number {
    return this.#owner;
  }

  cancel(): boolean {
    return false;
  }

  askToEnd(): boolean {
    return false;
  }

  abandon(): void {}

  refresh(): void {}
}

/** The queue of all, and one for each owner, with the sets that they must resemble. */
class Queues {
  readonly nodes: Node[] = [];
  readonly all = new FutureQueue(SCHEDULER_LINKS, (node) => node instanceof Node);
  readonly owned = Array.from(
    { length: OWNERS },
    (_, owner) => new FutureQueue(TASK_LINKS, (node) => node.owner === owner),
  );
  readonly queues: Queue[] = [this.all, ...this.owned];
  readonly models: Set<Future>[] = this.queues.map(() => new Set());

  get futures(): Future[] {
    return this.nodes.flatMap(({ future }) => future ?? []);
  }

  append(owner: number): void {
    const future = new NewFuture("queued", []);
    const node = new Node(future, owner);
    this.nodes.push(node);
    this.all.append(node);
    this.owned[owner]?.append(node);
    for (const model of this.#modelsOf(node)) model.add(future);
  }

  /** Also one that was taken out before. */
  remove(which: number): void {
    const node = this.nodes[which % this.nodes.length];
    if (node?.future === undefined) return;
    this.all.remove(node);
    this.owned[node.owner]?.remove(node);
    for (const model of this.#modelsOf(node)) model.delete(node.future);
  }

  #modelsOf({ owner }: Node): Set<Future>[] {
    return [0, owner + 1].flatMap((index) => this.models[index] ?? []);
  }
}

function walkThrough(queue: Queue, how: typeof WALKS[number]): Iterator<unknown> {
  return how === "iterator" ? queue[Symbol.iterator]() : queue[how]();
}

function assertSame(queue: Queue, model: Queue, futures: readonly Future[]): void {
  assertEquals(queue.size, model.size);
  assertEquals(ids(queue), ids(model));
  assertEquals(
    futures.map((future) => queue.has(future)),
    futures.map((future) => model.has(future)),
  );
  const seen: Future[] = [];
  const self = {};
  queue.forEach(function (this: unknown, value, key, set) {
    assertStrictEquals(this, self);
    assertStrictEquals(value, key);
    assertStrictEquals(set, queue);
    seen.push(value);
  }, self);
  assertEquals(ids(seen), ids(model));
}

/** What both say of themselves beside a third, and the third of them. */
function comparisons(queue: Queue, other: ReadonlySet<Future>): unknown[] {
  return [
    ids(queue.union(other)),
    ids(queue.intersection(other)),
    ids(queue.difference(other)),
    ids(queue.symmetricDifference(other)),
    queue.isSubsetOf(other),
    queue.isSupersetOf(other),
    queue.isDisjointFrom(other),
    ids(other.union(queue)),
    ids(other.intersection(queue)),
    ids(other.difference(queue)),
    ids(other.symmetricDifference(queue)),
    other.isSubsetOf(queue),
    other.isSupersetOf(queue),
    other.isDisjointFrom(queue),
  ];
}

function ids(futures: Iterable<Future>): number[] {
  return Array.from(futures, ({ id }) => id);
}

// ----------------------------------------------------------------------------- programs

const reached = { lateAppend: 0, lateRemove: 0, removedTwice: 0, subsets: 0, walkedThrough: 0 };

function perform(program: readonly Step[]): void {
  const queues = new Queues();
  const walks: [Iterator<unknown>, Iterator<unknown>][] = [];
  for (const step of program) {
    if (step.kind === "append") {
      if (walks.length > 0) reached.lateAppend++;
      queues.append(step.owner);
    } else if (step.kind === "remove") {
      const before = queues.all.size;
      queues.remove(step.which);
      if (before === queues.all.size) reached.removedTwice++;
      else if (walks.length > 0) reached.lateRemove++;
    } else if (step.kind === "walk") {
      const [queue, model] = pair(queues, step.queue);
      walks.push([walkThrough(queue, step.how), walkThrough(model, step.how)]);
    } else if (step.kind === "go on") {
      const walk = walks[step.walk % walks.length];
      if (walk === undefined) continue;
      const [seen, expected] = walk.map((iterator) => iterator.next());
      assertEquals(places(seen), places(expected));
      if (seen?.done) reached.walkedThrough++;
    } else {
      const [queue, model] = pair(queues, step.queue);
      const { futures } = queues;
      const other = new Set(step.which.flatMap((index) => futures[index % futures.length] ?? []));
      if (model.size > 0 && model.isSubsetOf(other)) reached.subsets++;
      assertEquals(comparisons(queue, other), comparisons(model, other));
    }
    for (const [index, queue] of queues.queues.entries()) {
      assertSame(queue, pair(queues, index)[1], queues.futures);
    }
  }
}

function pair({ queues, models }: Queues, index: number): [Queue, Queue] {
  const [queue, model] = [queues[index], models[index]];
  if (queue === undefined || model === undefined) throw new RangeError(`No queue ${index}`);
  return [queue, model];
}

/** A step of a walk, with ids in place of futures. */
function places(step: IteratorResult<unknown> | undefined): unknown {
  const value = step?.value as Future | [Future, Future] | undefined;
  return [step?.done, value instanceof Array ? ids(value) : value?.id];
}

const queue = fc.nat(OWNERS);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("append" as const), owner: fc.nat(OWNERS - 1) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("remove" as const), which: fc.nat(20) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("walk" as const),
      queue,
      how: fc.constantFrom(...WALKS),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("go on" as const), walk: fc.nat(5) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("compare" as const),
      queue,
      which: fc.array(fc.nat(20)),
    }),
  },
);
const program = fc.array(step, { minLength: 10, maxLength: 60 });

Deno.test(`FutureQueue behaves like a Set (seed ${SEED}, ${RUNS} programs)`, () => {
  fc.assert(fc.property(program, perform), { seed: SEED, numRuns: RUNS });
  // Else the programs would show nothing.
  for (const count of Object.values(reached)) assertGreater(count, RUNS / 10);
});

// ----------------------------------------------------------------------------- as users see them

const schedulers: Record<string, () => Scheduler> = {
  sequential: () => Scheduler.withSequential(),
  workers: () => Scheduler.withWorkers(2, BATCH),
};

interface Deed {
  /** Through which task, or without one. */
  via: number;
  /** Which of the futures is cancelled after the submission, if any. */
  cancels: number | undefined;
}

const deeds: fc.Arbitrary<Deed[]> = fc.array(
  fc.record({ via: fc.nat(2), cancels: fc.option(fc.nat(30), { nil: undefined }) }),
  { minLength: 20, maxLength: 60 },
);

for (const [name, make] of Object.entries(schedulers)) {
  Deno.test(`${name}: queues hold the unsettled futures in order`, async () => {
    for (const list of fc.sample(deeds, { seed: SEED, numRuns: 5 })) {
      const scheduler = make();
      const other = make();
      const tasks = [0, 1].map((n) => scheduler.task((value: number) => value, { name: `${n}` }));
      const models = [new Set<Future>(), ...tasks.map(() => new Set<Future>())];
      const futures: Future[] = [];
      const check = () => {
        for (const [index, queue] of [scheduler, ...tasks].map(({ queue }) => queue).entries()) {
          assertSame(queue as Queue, models[index] ?? new Set(), futures);
        }
        assertEquals(futures.filter((future) => other.queue.has(future)), []);
      };
      const submit = ({ via, cancels }: Deed) => {
        futures.push(tasks[via]?.submit(via) ?? scheduler.submit(() => 2));
        if (cancels !== undefined) futures[cancels % futures.length]?.cancel();
      };
      const modelsOf = ({ taskName }: Future) => {
        return [models[0], models[Number(taskName || NaN) + 1]].filter((model) =>
          model !== undefined
        );
      };
      scheduler.onFutureSubmitted((future) => {
        for (const model of modelsOf(future)) model.add(future);
      });
      for (const event of ["future-done", "future-cancelled"] as const) {
        scheduler.on(event, (future: Future) => {
          for (const model of modelsOf(future)) model.delete(future);
          check();
        });
      }
      const rest = list.splice(0, list.length / 2);
      scheduler.onStart(() => rest.forEach(submit));
      scheduler.onFutureDone(() => {
        const next = list.shift();
        if (next !== undefined) submit(next);
      });
      await scheduler.run();
      check();
      assertEquals([scheduler.queue.size, list.length], [0, 0]);
    }
  });
}

Deno.test("FutureQueue can be iterated during submissions and cancellations", async () => {
  const scheduler = Scheduler.withSequential();
  const task: Task<[n: number], number, object, never> = scheduler.task((n: number) => n);
  const seen: number[] = [];
  scheduler.onStart(() => {
    const futures = [0, 1, 2, 3, 4].map((n) => task.submit(n));
    for (const future of task.queue) {
      seen.push(futures.indexOf(future));
      // Itself, those before and those behind.
      if (future === futures[1]) [0, 1, 2].forEach((n) => futures[n]?.cancel());
      if (future === futures[4]) futures.push(task.submit(5));
    }
    for (const future of scheduler.queue) future.cancel();
    assertEquals([task.queue.size, scheduler.queue.size], [0, 0]);
  });
  await scheduler.run();
  assertEquals(seen, [0, 1, 3, 4, 5]);
  assertEquals(task.eventCounts.cancelled, 6);
});

Deno.test("a queue is shown with its futures", async () => {
  const scheduler = Scheduler.withSequential();
  scheduler.onStart(() => {
    const { id } = scheduler.submit(function shown() {});
    const text = Deno.inspect(scheduler.queue, { colors: false });
    assertEquals(text, `FutureQueue [ Future { id: ${id}, taskName: "shown", state: "pending" } ]`);
  });
  await scheduler.run();
});
