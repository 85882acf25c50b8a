/** Arguments of one megabyte, one call after the other. @module */

import { transfer } from "@amltk/scheduling";
import { transfer as comlinkTransfer } from "comlink";
import { startRemote } from "../base/comlink_remote.ts";
import { check, rate } from "../checks.ts";
import type { Experiment } from "../model.ts";
import type { Sizes } from "../sizes.ts";
import { inWarmRun } from "../warm_scheduler.ts";

const LENGTH = 1_000_000 / Float64Array.BYTES_PER_ELEMENT;

type Numbers = Float64Array<ArrayBuffer>;
/** Returns the array for a call. Called for all calls before the clock starts. */
type Make = () => Numbers;
/** Marks a buffer for transfer, in the library's own way. */
type Mark = (numbers: Numbers) => Numbers;
/** Makes a call and returns its result. */
type Send = (numbers: Numbers) => PromiseLike<number>;
/** The number of calls, and of small warm-up calls before the clock starts. */
type Counts = Pick<Sizes, "largeArguments" | "roundTripWarmUp">;

/** Each call copies the same array. */
export function copiedArgument(counts: Sizes): Experiment {
  const numbers = makeNumbers();
  const same: Make = () => numbers;
  return experiment(
    "argument of 1 MB, copied",
    () => onScheduler(counts, same),
    () => onRemote(counts, same),
  );
}

/** Each call transfers its own array. */
export function transferredArgument(counts: Sizes): Experiment {
  return experiment(
    "argument of 1 MB, transferred",
    () =>
      onScheduler(counts, () => makeNumbers(), (numbers) => transfer(numbers, [numbers.buffer])),
    () =>
      onRemote(
        counts,
        () => makeNumbers(),
        (numbers) => comlinkTransfer(numbers, [numbers.buffer]),
      ),
  );
}

function experiment(
  name: string,
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
): Experiment {
  return {
    name,
    unit: "ops/s",
    rounds: 7,
    contenders: [
      { name: "scheduler", measure: ours },
      { name: "comlink worker", measure: theirs },
    ],
    rows: [{ name, of: "scheduler", over: ["comlink worker"], target: { atLeast: 0.95 } }],
  };
}

function onScheduler(counts: Counts, make: Make, mark: Mark = (numbers) => numbers) {
  return inWarmRun((scheduler) => {
    const task = scheduler.task((numbers: Float64Array) =>
      (numbers[0] ?? 0) + (numbers.at(-1) ?? 0)
    );
    return sendAll(counts, make, (numbers) => task.submit(mark(numbers)));
  });
}

async function onRemote(counts: Counts, make: Make, mark: Mark = (numbers) => numbers) {
  const { worker, sumOfEnds } = await startRemote();
  const result = await sendAll(counts, make, (numbers) => sumOfEnds(mark(numbers)));
  worker.terminate();
  return result;
}

async function sendAll(
  { largeArguments: count, roundTripWarmUp: warmUp }: Counts,
  make: Make,
  send: Send,
): Promise<number> {
  for (let n = 0; n < warmUp; n++) check(await send(makeNumbers(2)), 3);
  check(await send(make()), 3);
  // Making an array takes longer than transferring it.
  const arrays = Array.from({ length: count }, make);
  let sum = 0;
  const since = performance.now();
  for (const numbers of arrays) sum += await send(numbers);
  const result = rate(count, since);
  check(sum, 3 * count);
  return result;
}

function makeNumbers(length = LENGTH): Numbers {
  const numbers = new Float64Array(length);
  numbers[0] = 1;
  numbers[length - 1] = 2;
  return numbers;
}
