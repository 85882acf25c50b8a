/** Trivial tasks in child processes: the scheduler, bare frames over a pipe, and the peers. @module */

import { FrameProcess } from "../base/raw_frames.ts";
import { check, microsecondsEach, rate, sumBelow } from "../checks.ts";
import type { Contender, Experiment } from "../model.ts";
import { PEERS_OF_PROCESSES } from "../peers/mod.ts";
import { WORKERS } from "../pool.ts";
import type { Sizes } from "../sizes.ts";
import { inWarmProcesses } from "../warm_scheduler.ts";
import { chainOn } from "./chain.ts";
import { fanOutOn, fanOutRate, onPeers } from "./fan_out.ts";

// As the scheduler sends.
const FRAME_LENGTH = 256;
const FRAMES_IN_FLIGHT = 2;

/** Many trivial tasks at once. */
export function fanOutOfProcesses({ processFanOut: count, warmUp }: Sizes): Experiment {
  const name = `fan-out of ${count} tasks, processes`;
  const bare = (marked: boolean) => () => onFrames(marked, count, warmUp);
  return {
    name,
    unit: "ops/s",
    rounds: 7,
    contenders: [
      scheduler(count, warmUp),
      { name: "scheduler, workers", measure: () => fanOutRate(count, warmUp) },
      { name: "marked frames", measure: bare(true) },
      { name: "bare frames", measure: bare(false) },
    ],
    rows: [
      { name, of: "scheduler", over: ["scheduler, workers"], target: { atLeast: 0.3 } },
      { name, of: "scheduler", over: ["marked frames"], target: { atLeast: 0.25 } },
      { name, of: "scheduler", over: ["bare frames"] },
    ],
  };
}

/** The same with fewer tasks, because the peers are slow. */
export function fanOutOfProcessPeers(sizes: Sizes): Experiment {
  const { processPeerFanOut: count, roundTripWarmUp: warmUp } = sizes;
  const name = `fan-out of ${count} tasks, processes`;
  const peers = onPeers(PEERS_OF_PROCESSES, count, warmUp);
  return {
    name,
    unit: "ops/s",
    contenders: [scheduler(count, warmUp), ...peers],
    rows: peers.map((peer) => ({ name, of: "scheduler", over: [peer.name] })),
  };
}

/** The time per task of a chain, compared with a round trip of a bare frame. */
export function chainOfProcesses({ chain: count, roundTripWarmUp: warmUp }: Sizes): Experiment {
  const name = `chain of ${count} tasks, processes`;
  return {
    name,
    unit: "µs",
    rounds: 11,
    contenders: [
      { name: "scheduler", measure: () => inWarmProcesses((s) => chainOn(s, count, warmUp)) },
      { name: "frame round trip", measure: () => roundTrips(count, warmUp) },
    ],
    rows: [{ name, of: "scheduler", over: ["frame round trip"], target: { atMost: 1.3 } }],
  };
}

function scheduler(count: number, warmUp: number): Contender {
  return {
    name: "scheduler",
    measure: () => inWarmProcesses((scheduler) => fanOutOn(scheduler, count, warmUp)),
  };
}

async function onFrames(marked: boolean, count: number, warmUp: number): Promise<number> {
  const processes = Array.from({ length: WORKERS }, () => new FrameProcess(marked));
  await sumOf(processes, warmUp);
  const since = performance.now();
  const sum = await sumOf(processes, count);
  const result = rate(count, since);
  check(sum, sumBelow(count));
  await Promise.all(processes.map((each) => each.close()));
  return result;
}

async function sumOf(processes: readonly FrameProcess[], count: number): Promise<number> {
  let next = 0;
  let sum = 0;
  const serve = async (each: FrameProcess) => {
    while (next < count) {
      const end = Math.min(count, next + FRAME_LENGTH);
      const numbers = Array.from({ length: end - next }, (_, index) => next + index);
      next = end;
      for (const n of await each.send(numbers)) sum += n;
    }
  };
  await Promise.all(
    processes.flatMap((each) => Array.from({ length: FRAMES_IN_FLIGHT }, () => serve(each))),
  );
  return sum;
}

async function roundTrips(count: number, warmUp: number): Promise<number> {
  const each = new FrameProcess(false);
  let last = 0;
  const same = async (n: number) => (await each.send([n]))[0] ?? NaN;
  while (last < warmUp) last = await same(last + 1);
  const since = performance.now();
  while (last < warmUp + count) last = await same(last + 1);
  const result = microsecondsEach(count, since);
  check(last, warmUp + count);
  await each.close();
  return result;
}
