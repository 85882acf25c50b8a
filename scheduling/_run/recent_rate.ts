/** How often something happens. @module */

const SECONDS = 10;
// One for the second that has begun.
const SLOTS = SECONDS + 1;

/** Counts what happens, and tells the rate of the last ten seconds. */
export class RecentRate {
  readonly #counts: number[] = Array(SLOTS).fill(0);
  // The last second for which there is a count.
  #second = 0;
  #since = 0;

  /** Starts anew, at a time in milliseconds. */
  begin(at: number): void {
    this.#counts.fill(0);
    this.#second = Math.floor(at / 1000);
    this.#since = at;
  }

  /** Counts once. */
  add(at: number): void {
    const second = Math.floor(at / 1000);
    if (second > this.#second) this.#advance(second);
    const slot = this.#second % SLOTS;
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1;
  }

  /** How often it happened in a second, over the ten seconds before `at`, or since it began. */
  perSecond(at: number): number {
    this.#advance(Math.floor(at / 1000));
    const from = Math.max(this.#since, (this.#second - SECONDS) * 1000);
    if (at <= from) return 0;
    return 1000 * this.#counts.reduce((sum, count) => sum + count, 0) / (at - from);
  }

  #advance(second: number): void {
    for (let passed = 0; this.#second < second && passed < SLOTS; passed++) {
      this.#second++;
      this.#counts[this.#second % SLOTS] = 0;
    }
    this.#second = Math.max(this.#second, second);
  }
}
