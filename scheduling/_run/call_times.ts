/** How long the calls of a scheduler wait and run, and how many end. @module */

import { Histogram } from "../_base/histogram.ts";
import { now } from "../_base/time.ts";
import type { Future } from "../future.ts";
import type { SchedulerStatistics, TimeStatistics } from "../statistics.ts";
import { RecentRate } from "./recent_rate.ts";

/** The times, for `statistics()`. */
export type TimesOfCalls = Pick<
  SchedulerStatistics,
  "throughput" | "waitingTime" | "runningTime"
>;

/** Records the calls that have ended. */
export class CallTimes {
  readonly #waiting = new Histogram();
  readonly #running = new Histogram();
  readonly #ends = new RecentRate();
  #runEnded: number | undefined = 0;

  /** A run begins. */
  begin(): void {
    this.#runEnded = undefined;
    this.#ends.begin(now());
  }

  /** The run has ended. */
  end(): void {
    this.#runEnded = now();
  }

  /** Records a future that has a result or an exception, if its call ever started. */
  add({ submittedAt, startedAt, settledAt }: Future): void {
    if (startedAt === undefined || settledAt === undefined) return;
    this.#waiting.add(startedAt - submittedAt);
    this.#running.add(settledAt - startedAt);
    this.#ends.add(settledAt);
  }

  statistics(): TimesOfCalls {
    return {
      throughput: this.#ends.perSecond(this.#runEnded ?? now()),
      waitingTime: percentiles(this.#waiting),
      runningTime: percentiles(this.#running),
    };
  }
}

function percentiles(times: Histogram): TimeStatistics {
  return { median: times.quantile(0.5), p99: times.quantile(0.99) };
}
