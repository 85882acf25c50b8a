/** How often something happens. @module */

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
