/** What output as events costs: for calls that print nothing, and for each line. @module */

import { Scheduler } from "@amltk/scheduling";
import { check, rate } from "../checks.ts";
import type { Experiment } from "../model.ts";
import type { Sizes } from "../sizes.ts";
import { fanOutRate } from "./fan_out.ts";
import { messagesSent } from "./messages.ts";

/** Calls that print nothing, with the option and without. */
export function silentCalls({ fanOut: count, warmUp }: Sizes): Experiment {
  const name = `fan-out of ${count} silent tasks`;
  return {
    name,
    unit: "ops/s",
    contenders: [
      { name: 'output: "event"', measure: () => fanOutRate(count, warmUp, { output: "event" }) },
      { name: 'output: "inherit"', measure: () => fanOutRate(count, warmUp) },
    ],
    rows: [{
      name,
      of: 'output: "event"',
      over: ['output: "inherit"'],
      target: { atLeast: 0.8 },
    }],
  };
}

/** Lines of a function, next to messages of `Comm`. */
export function linesOfWorker({ messages: count, warmUp }: Sizes): Experiment {
  const name = `${count} lines of a worker`;
  return {
    name,
    unit: "ops/s",
    contenders: [
      { name: "output", measure: () => linesRate(count, warmUp) },
      { name: "comm", measure: () => messagesSent(Scheduler.withWorkers(1), count, warmUp) },
    ],
    rows: [{ name, of: "output", over: ["comm"] }],
  };
}

async function linesRate(count: number, warmUp: number): Promise<number> {
  const scheduler = Scheduler.withWorkers(1, { output: "event" });
  const task = scheduler.task((count: number) => {
    // deno-lint-ignore no-console -- the lines are what is measured
    for (let n = 0; n < count; n++) console.log("a line");
  });
  let lines = 0;
  let result = NaN;
  task.onOutput(() => lines++);
  scheduler.onStart(async () => {
    await task.submit(warmUp);
    lines = 0;
    const since = performance.now();
    await task.submit(count);
    result = rate(count, since);
    check(lines, count);
  });
  await scheduler.run();
  return result;
}
