/** What it costs to record a run with a `QueueMonitor`, and to draw it. @module */

import { type Call, type Executor, QueueMonitor, Scheduler } from "@amltk/scheduling";
import { toSVG } from "@amltk/scheduling/plots";
import { check, microsecondsEach } from "../checks.ts";
import type { Experiment } from "../model.ts";
import type { Sizes } from "../sizes.ts";

const AT_ONCE = 1000;
const DRAWN = 10_000;

/** Submitting and settling calls on an executor that does nothing, with and without a monitor. */
export function monitoredCalls({ monitored }: Sizes): Experiment {
  const name = "submit and settle with a QueueMonitor";
  return {
    name,
    unit: "µs",
    contenders: [
      {
        name: "monitored",
        measure: () => run(monitored, (scheduler) => new QueueMonitor(scheduler)),
      },
      { name: "plain", measure: () => run(monitored, () => {}) },
    ],
    rows: [{ name, of: "monitored", over: ["plain"] }],
  };
}

/** Drawing many calls. */
export function drawing(): Experiment {
  const name = `toSVG() of ${DRAWN} calls`;
  const monitors: QueueMonitor[] = [];
  const measure = async () => {
    if (monitors.length === 0) {
      await run(DRAWN, (scheduler) => monitors.push(new QueueMonitor(scheduler)));
    }
    const since = performance.now();
    for (const monitor of monitors) toSVG(monitor);
    return performance.now() - since;
  };
  return {
    name,
    unit: "ms",
    contenders: [{ name: "plots", measure }],
    rows: [{ name, of: "plots" }],
  };
}

/** Microseconds for each call. */
async function run(count: number, prepare: (scheduler: Scheduler) => void): Promise<number> {
  const executor = new ManualExecutor();
  const scheduler = new Scheduler(executor);
  prepare(scheduler);
  const task = scheduler.task((n: number) => n);
  let each = NaN;
  scheduler.onStart(() => {
    const since = performance.now();
    for (let done = 0; done < count; done += AT_ONCE) {
      for (let n = 0; n < Math.min(AT_ONCE, count - done); n++) task.submit(n);
      executor.settleAll();
    }
    each = microsecondsEach(count, since);
  });
  await scheduler.run();
  check(task.eventCounts.result, count);
  return each;
}

/** Has four workers in name, which have run every call when it is asked. */
class ManualExecutor implements Executor {
  readonly name = "ManualExecutor";
  readonly workerCount = 4;
  #calls: Call[] = [];

  submit(call: Call): void {
    this.#calls.push(call);
  }

  settleAll(): void {
    const calls = this.#calls;
    this.#calls = [];
    calls.forEach((call, index) => {
      call.started(undefined, index % this.workerCount + 1);
      call.succeed(index);
    });
  }

  cancel(): void {}

  shutdown(): Promise<{ runaways: number }> {
    return Promise.resolve({ runaways: 0 });
  }
}
