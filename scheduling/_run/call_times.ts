/** How long the calls of a scheduler wait and run, and how many end. @module */

import { bucketOf, Histogram, percentilesOf } from "../_base/histogram.ts";
import { now } from "../_base/time.ts";
import type { Future } from "../future.ts";
import type { SchedulerStatistics } from "../statistics.ts";

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

const SECONDS = 10;

/** Counts events and computes their rate over the last ten seconds. */
export class RecentRate {
  // Of the seconds before the one under way, the last one last.
  readonly #counts: number[] = [];
  #count = 0;
  // When the second under way ends.
  #end = 0;
  #since = 0;

  /** Starts anew, at a time in milliseconds. */
  begin(at: number): void {
    this.#counts.length = 0;
    this.#count = 0;
    this.#end = at + 1000;
    this.#since = at;
  }

  /** Counts once. */
  add(at: number): void {
    if (at >= this.#end) this.#advance(at);
    this.#count++;
  }

  /** How often it happened in a second, over the ten seconds before `at`, or since it began. */
  perSecond(at: number): number {
    if (at >= this.#end) this.#advance(at);
    const from = Math.max(this.#since, this.#end - 1000 * (SECONDS + 1));
    if (at <= from) return 0;
    return 1000 * this.#counts.reduce((sum, count) => sum + count, this.#count) / (at - from);
  }

  #advance(at: number): void {
    const seconds = Math.floor((at - this.#end) / 1000) + 1;
    const empty = Array(Math.min(seconds - 1, SECONDS)).fill(0);
    this.#counts.push(this.#count, ...empty);
    this.#counts.splice(0, this.#counts.length - SECONDS);
    this.#count = 0;
    this.#end += 1000 * seconds;
  }
}
