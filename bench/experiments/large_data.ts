/** Large arguments and results, one call after the other. @module */

import type { Scheduler } from "@amltk/scheduling";
import { type Bytes, bytesOf, type BytesRemote, sumOfEnds } from "../base/bytes.ts";
import { BytesProcess } from "../base/bytes_process.ts";
import { BytesThread } from "../base/bytes_thread.ts";
import { check } from "../checks.ts";
import type { Experiment, Target } from "../model.ts";
import type { Sizes } from "../sizes.ts";
import { inWarmProcesses, inWarmRun } from "../warm_scheduler.ts";

/** Calls before the clock starts. */
const WARM_UP = 2;
const SUM = 3;
const TARGETS: Readonly<Record<string, Target>> = {
  "argument of 10 MB, processes": { atMost: 1.3 },
};

/** Calls `measure` with something that takes and returns bytes. */
type WithRemote = (measure: (remote: BytesRemote) => Promise<number>) => Promise<number>;
/** Makes a call with so many bytes, and returns the sum of the first and the last. */
type Call = (remote: BytesRemote, length: number) => PromiseLike<number>;

const CALLS: Readonly<Record<string, Call>> = {
  argument: (remote, length) => remote.send(bytesOf(length)),
  result: async (remote, length) => sumOfEnds(await remote.receive(length)),
};

/** Compared with a bare message to a worker and back. */
export function largeDataOfWorkers(sizes: Sizes): Experiment[] {
  return experiments(sizes, "workers", {
    "scheduler": (measure) => inWarmRun((scheduler) => measure(remoteOf(scheduler))),
    "bare messages": (measure) => closing(new BytesThread(), measure),
  });
}

/** Compared with a bare write and read of the same bytes. */
export function largeDataOfProcesses(sizes: Sizes): Experiment[] {
  return experiments(sizes, "processes", {
    "scheduler": (measure) => inWarmProcesses((scheduler) => measure(remoteOf(scheduler))),
    "bare pipe": (measure) => closing(new BytesProcess(), measure),
  });
}

function experiments(
  { largeData, largeDataInAll }: Sizes,
  where: string,
  places: Readonly<Record<string, WithRemote>>,
): Experiment[] {
  return Object.entries(CALLS).flatMap(([what, call]) =>
    largeData.map((length) =>
      experiment(
        `${what} of ${length / 1e6} MB, ${where}`,
        places,
        (remote) => timeOf(() => call(remote, length), Math.ceil(largeDataInAll / length)),
      )
    )
  );
}

function experiment(
  name: string,
  places: Readonly<Record<string, WithRemote>>,
  measure: (remote: BytesRemote) => Promise<number>,
): Experiment {
  const contenders = Object.entries(places).map(([name, withRemote]) => ({
    name,
    measure: () => withRemote(measure),
  }));
  const [of = "", ...over] = Object.keys(places);
  const target = TARGETS[name];
  return {
    name,
    unit: "ms",
    rounds: 7,
    contenders,
    rows: [{ name, of, over, ...target && { target } }],
  };
}

/** Milliseconds for each call. */
async function timeOf(call: () => PromiseLike<number>, count: number): Promise<number> {
  for (let n = 0; n < WARM_UP; n++) check(await call(), SUM);
  let sum = 0;
  const since = performance.now();
  for (let n = 0; n < count; n++) sum += await call();
  const each = (performance.now() - since) / count;
  check(sum, SUM * count);
  return each;
}

async function closing<Remote extends BytesRemote & { close(): void | Promise<void> }>(
  remote: Remote,
  measure: (remote: Remote) => Promise<number>,
): Promise<number> {
  try {
    return await measure(remote);
  } finally {
    await remote.close();
  }
}

function remoteOf(scheduler: Scheduler): BytesRemote {
  const send = scheduler.task((bytes: Bytes) => (bytes[0] ?? NaN) + (bytes.at(-1) ?? NaN));
  const receive = scheduler.task((length: number) => {
    const scope = globalThis as { benchBytes?: Bytes };
    if (scope.benchBytes?.length === length) return scope.benchBytes;
    const bytes = scope.benchBytes = new Uint8Array(length);
    bytes[0] = 1;
    bytes[length - 1] = 2;
    return bytes;
  });
  return {
    send: (bytes) => send.submit(bytes),
    receive: (length) => receive.submit(length),
  };
}
