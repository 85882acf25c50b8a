/** Counts names. @module */

/** How often each name was added and not removed again. */
export class Tally {
  readonly #counts = new Map<string, number>();

  /** The names that were added more often than removed, in the order in which they came. */
  get names(): string[] {
    return [...this.#counts.keys()];
  }

  add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  remove(name: string): void {
    const left = (this.#counts.get(name) ?? 0) - 1;
    if (left > 0) this.#counts.set(name, left);
    else this.#counts.delete(name);
  }
}
