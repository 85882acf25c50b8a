// Task.map() against a plain model: random inputs, on an executor that settles calls in any order.
import { type Call, type Executor, Scheduler } from "@amltk/scheduling";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";

const RUNS = 300;

/** Settles the calls that it has by and by, in an order that numbers choose. */
class AnyOrderExecutor implements Executor {
  readonly name = "AnyOrderExecutor";
  readonly workerCount = 3;
  readonly settledItems: unknown[] = [];
  readonly #choices: readonly number[];
  readonly #calls: Call[] = [];
  #step = 0;
  #isBusy = false;
  mostCalls = 0;

  constructor(choices: readonly number[]) {
    this.#choices = choices;
  }

  submit(call: Call): void {
    this.#calls.push(call);
    this.mostCalls = Math.max(this.mostCalls, this.#calls.length);
    if (!this.#isBusy) this.#settleLater();
  }

  cancel(call: Call): void {
    this.#calls.splice(this.#calls.indexOf(call), 1);
  }

  shutdown(): Promise<{ runaways: undefined }> {
    return Promise.resolve({ runaways: undefined });
  }

  #settleLater(): void {
    this.#isBusy = this.#calls.length > 0;
    if (this.#isBusy) setTimeout(() => this.#settle());
  }

  #settle(): void {
    const choice = this.#choices[this.#step++ % this.#choices.length] ?? 0;
    const [call] = this.#calls.splice(choice % this.#calls.length, 1);
    call?.started();
    this.settledItems.push(call?.args[0]);
    call?.succeed(call.args[0]);
    this.#settleLater();
  }
}

async function* slowly(
  items: readonly number[],
  pauses: readonly number[],
): AsyncGenerator<number> {
  for (const [index, item] of items.entries()) {
    const pause = pauses[index % pauses.length] ?? 0;
    for (let turn = 0; turn < pause; turn++) await new Promise((resolve) => setTimeout(resolve));
    yield item;
  }
}

const numbers = fc.array(fc.nat(3), { minLength: 1, maxLength: 10 });
const programs = fc.record({
  size: fc.nat(30),
  concurrency: fc.integer({ min: 1, max: 8 }),
  ordered: fc.boolean(),
  isAsync: fc.boolean(),
  choices: numbers,
  pauses: numbers,
  // How long the reader takes for each result; where it leaves the loop.
  reads: numbers,
  leaveAt: fc.option(fc.nat(35), { nil: undefined }),
});

Deno.test("Task.map() keeps order and concurrency, and loses nothing", async () => {
  await fc.assert(
    fc.asyncProperty(programs, async (program) => {
      const { size, concurrency, ordered, isAsync, choices, pauses, reads, leaveAt } = program;
      const executor = new AnyOrderExecutor(choices);
      const scheduler = new Scheduler(executor);
      const task = scheduler.task((n: number) => n);
      const items = Array.from({ length: size }, (_, index) => index);
      const results: number[] = [];
      let mostAhead = 0;
      task.onSubmitted(() => {
        mostAhead = Math.max(mostAhead, task.submissionCount - results.length);
      });
      scheduler.onStart(async () => {
        const input = isAsync ? slowly(items, pauses) : items;
        for await (const result of task.map(input, { concurrency, ordered })) {
          results.push(result);
          if (results.length === leaveAt) break;
          const pause = reads[result % reads.length] ?? 0;
          for (let turn = 0; turn < pause; turn++) await new Promise((turn) => setTimeout(turn));
        }
      });
      assertEquals((await scheduler.run({ onCancelled: "raise" })).code, "exhausted");
      const expected = ordered ? items : executor.settledItems;
      const count = leaveAt === undefined || leaveAt === 0 ? size : Math.min(size, leaveAt);
      assertEquals(results, expected.slice(0, count));
      assert(executor.mostCalls <= concurrency, `${executor.mostCalls} calls at a time`);
      // One result may be on its way to the reader.
      assert(mostAhead <= concurrency + 1, `${mostAhead} items ahead`);
      assertEquals(task.eventCounts.result + task.eventCounts.cancelled, task.submissionCount);
    }),
    { seed: 13, numRuns: RUNS },
  );
});
