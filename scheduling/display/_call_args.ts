/** The arguments of running calls, as text. @module */

import { describeArgs } from "../_describe.ts";
import type { Future } from "../future.ts";

/**
 * Finds the futures of running calls at the front of the queue, where those are that were submitted first: a
 * search of all would take a time that grows with the queue.
 */
export class CallArgs {
  readonly #queue: ReadonlySet<Future>;
  #texts = new Map<number, string>();

  constructor(queue: ReadonlySet<Future>) {
    this.#queue = queue;
  }

  /** The arguments of a call that was given to `update()` last; undefined if they were not found. */
  of(future: number): string | undefined {
    return this.#texts.get(future);
  }

  /** Finds the arguments of these calls, and forgets others. */
  update(running: readonly number[]): void {
    const before = this.#texts;
    this.#texts = new Map();
    const missing = new Set<number>();
    for (const id of running) {
      const text = before.get(id);
      if (text === undefined) missing.add(id);
      else this.#texts.set(id, text);
    }
    if (missing.size > 0) this.#search(missing, 64 + 8 * running.length);
  }

  #search(missing: Set<number>, most: number): void {
    let left = most;
    for (const { id, args } of this.#queue) {
      if (missing.delete(id)) this.#texts.set(id, describeArgs(args));
      if (missing.size === 0 || --left === 0) return;
    }
  }
}
