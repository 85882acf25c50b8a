/** How much of the main thread the scheduler leaves to the program. @module */

import { setImmediate } from "node:timers";
import { check, sumBelow } from "../checks.ts";
import type { Experiment } from "../model.ts";
import { runChild } from "../run_child.ts";
import type { Sizes } from "../sizes.ts";
import { inWarmRun } from "../warm_scheduler.ts";

const BLOCKED_TARGET = { atMost: 20 };

/** The longest delay of a timer of the program during a fan-out. */
export function longestBlocked({ fanOut: count, sliceLength }: Sizes): Experiment {
  const atOnce = `longest blocked, ${count} tasks at once`;
  const inSlices = `longest blocked, ${count} tasks in slices of ${sliceLength}`;
  return {
    name: "longest blocked stretch of the main thread",
    unit: "ms",
    contenders: [
      { name: atOnce, measure: () => longestGap(count, count) },
      { name: inSlices, measure: () => longestGap(count, sliceLength) },
    ],
    rows: [atOnce, inSlices].map((name) => ({ name, of: name, target: BLOCKED_TARGET })),
  };
}

/** CPU time of the main thread; `children/own_cpu.ts` says how it is measured. */
export function ownCpu({ computeMs }: Sizes): Experiment {
  const name = `CPU of the main thread while workers compute ${computeMs} ms`;
  return {
    name,
    unit: "%",
    rounds: 1,
    contenders: [{ name: "scheduler", measure: () => runChild("own_cpu", [String(computeMs)]) }],
    rows: [{ name, of: "scheduler", target: { atMost: 0.5 } }],
  };
}

function longestGap(count: number, sliceLength: number): Promise<number> {
  return inWarmRun(async (scheduler) => {
    const task = scheduler.task((n: number) => n);
    const { promise, resolve } = Promise.withResolvers<void>();
    let sum = 0;
    let unsettled = count;
    task.onResult((_future, n) => {
      sum += n;
      if (--unsettled === 0) resolve();
    });
    const submit = (from: number, to: number) => {
      for (let n = from; n < to; n++) task.submit(n);
    };
    submit(0, sliceLength);
    const stopWatching = watchGaps();
    for (let n = sliceLength; n < count; n += sliceLength) {
      await new Promise((turn) => setImmediate(turn));
      submit(n, n + sliceLength);
    }
    await promise;
    check(sum, sumBelow(count));
    return stopWatching();
  });
}

/**
 * Sets a timer of 1 ms again and again, as an animation or a server would, and records the longest
 * time between two of its calls, without the 1 ms itself. Unlike a loop of immediates, it takes no
 * core from the workers. Returns a function that stops the timer and returns the longest time.
 */
function watchGaps(): () => number {
  let last = performance.now();
  let longest = 0;
  const note = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last - 1);
    last = now;
  };
  const timer = setInterval(note, 1);
  return () => {
    note();
    clearInterval(timer);
    return longest;
  };
}
