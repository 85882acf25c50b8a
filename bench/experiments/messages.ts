/** Messages of running calls, next to what carries them. @module */

import { Comm, Scheduler, type WorkerComm } from "@amltk/scheduling";
import { startRemote } from "../base/comlink_remote.ts";
import { messagesOfPipe } from "../base/raw_pipe.ts";
import { messagesOfPort } from "../base/raw_port.ts";
import { check, microsecondsEach, rate, sumBelow } from "../checks.ts";
import type { Experiment } from "../model.ts";
import { runChild } from "../run_child.ts";
import type { Sizes } from "../sizes.ts";

type Messages = { sent: number; asked: number; answered: number };
type TalkingTask = ReturnType<typeof talkingTask>;

/** Messages of a worker, compared with a bare `MessagePort`. */
export function messagesOfWorker({ messages: count, warmUp }: Sizes): Experiment {
  const name = `${count} messages of a worker`;
  return {
    name,
    unit: "ops/s",
    contenders: [
      { name: "comm", measure: () => messagesSent(Scheduler.withWorkers(1), count, warmUp) },
      { name: "MessagePort", measure: () => messagesOfPort(count, warmUp) },
    ],
    rows: [{ name, of: "comm", over: ["MessagePort"], target: { atLeast: 0.5 } }],
  };
}

/** Messages of a process, compared with a bare pipe whose values are written by `node:v8` alone. */
export function messagesOfProcess({ messages, warmUp }: Sizes): Experiment {
  const count = messages / 5;
  const name = `${count} messages of a process`;
  return {
    name,
    unit: "ops/s",
    contenders: [
      { name: "comm", measure: () => messagesSent(Scheduler.withProcesses(1), count, warmUp) },
      { name: "pipe", measure: () => messagesOfPipe(count, warmUp) },
    ],
    rows: [{ name, of: "comm", over: ["pipe"], target: { atLeast: 0.5 } }],
  };
}

/** A request, answered at once, compared with a call of a bare comlink worker in the other direction. */
export function requests({ chain: count, roundTripWarmUp: warmUp }: Sizes): Experiment {
  const name = `${count} requests of a worker`;
  return {
    name,
    unit: "µs",
    contenders: [
      { name: "comm", measure: () => asked(Scheduler.withWorkers(1), count, warmUp) },
      { name: "comlink round trip", measure: () => called(count, warmUp) },
    ],
    rows: [{ name, of: "comm", over: ["comlink round trip"], target: { atMost: 1.5 } }],
  };
}

/** How much memory eight tasks take that send faster than a callback reads. */
export function flood({ floodMessages: count }: Sizes): Experiment {
  const name = "memory under a flood of messages";
  return {
    name,
    unit: "bytes",
    contenders: [
      { name: "workers", measure: () => runChild("flood", [`${count}`]) },
    ],
    rows: [{ name, of: "workers", target: { atMost: 100_000_000 } }],
  };
}

function talkingTask(scheduler: Scheduler) {
  return scheduler.task(async (comm: WorkerComm<Messages>, count: number, asks: boolean) => {
    let sum = 0;
    if (asks) { for (let n = 0; n < count; n++) sum += await comm.request(n); }
    else for (let n = 0; n < count; n++) comm.send(n);
    return sum;
  }, { plugins: new Comm() });
}

async function inRun(
  scheduler: Scheduler,
  measure: (task: TalkingTask) => Promise<number>,
): Promise<number> {
  const task = talkingTask(scheduler);
  let result = NaN;
  scheduler.onStart(async () => {
    result = await measure(task);
  });
  await scheduler.run();
  return result;
}

/** Messages of a call in a second. */
export function messagesSent(scheduler: Scheduler, count: number, warmUp: number): Promise<number> {
  return inRun(scheduler, async (task) => {
    let sum = 0;
    task.on("comm-message", (_future, n) => sum += n);
    await task.submit(warmUp, false);
    sum = 0;
    const since = performance.now();
    await task.submit(count, false);
    const perSecond = rate(count, since);
    check(sum, sumBelow(count));
    return perSecond;
  });
}

function asked(scheduler: Scheduler, count: number, warmUp: number): Promise<number> {
  return inRun(scheduler, async (task) => {
    task.on("comm-request", (_future, n, respond) => respond(n));
    await task.submit(warmUp, true);
    const since = performance.now();
    check(await task.submit(count, true), sumBelow(count));
    return microsecondsEach(count, since);
  });
}

async function called(count: number, warmUp: number): Promise<number> {
  const { worker, same } = await startRemote();
  for (let n = 0; n < warmUp; n++) await same(n);
  let sum = 0;
  const since = performance.now();
  for (let n = 0; n < count; n++) sum += await same(n);
  const each = microsecondsEach(count, since);
  check(sum, sumBelow(count));
  worker.terminate();
  return each;
}
