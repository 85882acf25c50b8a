/** The queue of a pool against a plain model. @module */

import type { Call } from "@amltk/scheduling";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { CallQueue } from "../../executors/_pool/call_queue.ts";

interface QueuedCall {
  readonly id: number;
  readonly priority: number;
  settled: boolean;
}

/** Does the same to a queue and to a sorted list. */
class Both {
  readonly queue = new CallQueue();
  waiting: QueuedCall[] = [];
  /** Those that were shifted and may return. */
  readonly away: QueuedCall[] = [];
  #lastId = 0;
  /** When each was queued. */
  readonly #arrivals = new Map<QueuedCall, number>();
  #arrivalCount = 0;

  push(priority: number): void {
    // Numbers may be skipped, because others go to other queues.
    this.#lastId += 2;
    this.#push({ id: this.#lastId, priority, settled: false });
  }

  /** Queues a call that was held back, and so has an earlier number. */
  pushLate(priority: number): void {
    this.#push({ id: this.#lastId - 1, priority, settled: false });
  }

  /** Queues a call that was shifted as one that is tried again. */
  pushAgain(index: number): void {
    const [call] = this.away.splice(index, 1);
    if (call !== undefined) this.#push(call);
  }

  #push(call: QueuedCall): void {
    this.#arrivals.set(call, ++this.#arrivalCount);
    this.queue.push(call as QueuedCall as Call);
    this.waiting.push(call);
  }

  shift(): void {
    const arrivedAt = (call: QueuedCall) => this.#arrivals.get(call) ?? NaN;
    this.waiting.sort((a, b) => b.priority - a.priority || arrivedAt(a) - arrivedAt(b));
    const expected = this.waiting.find(({ settled }) => !settled);
    assertEquals(this.queue.peek() as unknown, expected);
    assertEquals(this.queue.shift() as unknown, expected);
    if (expected === undefined) return;
    this.away.push(expected);
    this.waiting = this.waiting.filter((call) => call !== expected);
  }

  putBack(count: number): void {
    const back = this.away.splice(0, count);
    this.queue.putBack(back as readonly QueuedCall[] as readonly Call[]);
    this.waiting.push(...back);
  }

  settle(index: number): void {
    const call = this.waiting.filter(({ settled }) => !settled)[index];
    if (call === undefined) return;
    call.settled = true;
    this.queue.noteSettled();
  }

  takeOut(every: number): void {
    const wanted = [...this.waiting, ...this.away].filter(({ id }) => id % every === 0);
    const taken = this.queue.takeOut(wanted as QueuedCall[] as Call[]);
    const ids = taken.map(({ id }) => id).toSorted((a, b) => a - b);
    // Settled ones may have gone before.
    const live = this.waiting.filter((call) => wanted.includes(call) && !call.settled);
    for (const { id } of live) assertEquals(ids.includes(id), true);
    for (const id of ids) assertEquals(wanted.some((call) => call.id === id), true);
    this.waiting = this.waiting.filter((call) => !wanted.includes(call));
  }
}

type Operation = readonly [
  "push" | "pushLate" | "pushAgain" | "shift" | "putBack" | "settle" | "takeOut",
  number,
];

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constant("push" as const), fc.constantFrom(0, 1, -1, 2.5)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("push" as const), fc.integer()) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("pushLate" as const), fc.constantFrom(0, 1)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("pushAgain" as const), fc.nat(5)) },
  { weight: 4, arbitrary: fc.tuple(fc.constant("shift" as const), fc.constant(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("putBack" as const), fc.nat(5)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("settle" as const), fc.nat(30)) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constant("takeOut" as const), fc.integer({ min: 2, max: 9 })),
  },
);

Deno.test("CallQueue gives calls by priority, then arrival", () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 300, size: "max" }), (operations) => {
      const both = new Both();
      for (const [name, value] of operations) both[name](value);
      while (both.waiting.some(({ settled }) => !settled)) both.shift();
      both.shift();
      assertEquals(both.queue.size, 0);
    }),
    { numRuns: 300 },
  );
});

Deno.test("CallQueue lets go of settled calls of every priority", () => {
  const queue = new CallQueue();
  const calls = Array.from(
    { length: 1000 },
    (_, id) => ({ id, priority: id % 50, settled: false }),
  );
  for (const call of calls) queue.push(call as QueuedCall as Call);
  for (const call of calls.slice(0, 900)) {
    call.settled = true;
    queue.noteSettled();
  }
  assertEquals(queue.size < 250, true);
});
