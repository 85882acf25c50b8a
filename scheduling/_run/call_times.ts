/** How long the calls of a scheduler wait and run, and how many end. @module */

import { bucketOf, Histogram, percentilesOf } from "../_base/histogram.ts";
import { now } from "../_base/time.ts";
import type { Future } from "../future.ts";
import type { SchedulerStatistics } from "../statistics.ts";
import { RecentRate } from "./recent_rate.ts";

/** The times, for `statistics()`. */
export type TimesOfCalls = Pick<
  SchedulerStatistics,
  "elapsed" | "throughput" | "waitingTime" | "runningTime"
>;

/** Records the calls that have ended. */
export class CallTimes {
  readonly #waiting = new Histogram();
  readonly #running = new Histogram();
  readonly #ends = new RecentRate();
  #runBegan: number | undefined;
  #runEnded: number | undefined = 0;

  /** A run begins. */
  begin(): void {
    this.#runBegan = now();
    this.#runEnded = undefined;
    this.#ends.begin(this.#runBegan);
  }

  /** The run has ended. */
  end(): void {
    this.#runEnded = now();
  }

  /** Records a future that has a result or an exception, if its call ever started. */
  add({ submittedAt, startedAt, settledAt }: Future, ofTask: Histogram | undefined): void {
    if (startedAt === undefined || settledAt === undefined) return;
    this.#waiting.add(startedAt - submittedAt);
    const bucket = bucketOf(settledAt - startedAt);
    this.#running.addTo(bucket);
    ofTask?.addTo(bucket);
    this.#ends.add(settledAt);
  }

  statistics(): TimesOfCalls {
    const until = this.#runEnded ?? now();
    return {
      elapsed: this.#runBegan === undefined ? undefined : until - this.#runBegan,
      throughput: this.#ends.perSecond(until),
      waitingTime: percentilesOf(this.#waiting),
      runningTime: percentilesOf(this.#running),
    };
  }
}
