/** The calls of a mapping that its reader has not read: which of them is next. @module */

import { Fifo } from "../_base/fifo.ts";
import type { Future } from "../future.ts";

/** A call of a mapping, and what has become of it. */
export interface Arrival {
  readonly future: Future<unknown>;
  state: "pending" | "succeeded" | "failed";
  /** The result or the error. */
  outcome: unknown;
}

/** The calls of a mapping from their submission until they are read. */
export interface Arrivals {
  /** How many there are, settled or not. */
  readonly size: number;
  add(arrival: Arrival): void;
  /** Notes that a call has settled. */
  settled(arrival: Arrival): void;
  /** Takes the next call; undefined while it is pending. */
  take(): Arrival | undefined;
  /** Takes out all calls. */
  clear(): Arrival[];
}

/** In the order of the items. */
export class InOrder implements Arrivals {
  readonly #all = new Fifo<Arrival>();

  get size(): number {
    return this.#all.size;
  }

  add(arrival: Arrival): void {
    this.#all.push(arrival);
  }

  settled(): void {}

  take(): Arrival | undefined {
    return this.#all.peek()?.state === "pending" ? undefined : this.#all.shift();
  }

  clear(): Arrival[] {
    return this.#all.takeOut(() => true);
  }
}

/** In the order in which the calls settle. */
export class AsTheyCome implements Arrivals {
  readonly #pending = new Set<Arrival>();
  readonly #settled = new Fifo<Arrival>();

  get size(): number {
    return this.#pending.size + this.#settled.size;
  }

  add(arrival: Arrival): void {
    this.#pending.add(arrival);
  }

  settled(arrival: Arrival): void {
    this.#pending.delete(arrival);
    this.#settled.push(arrival);
  }

  take(): Arrival | undefined {
    return this.#settled.shift();
  }

  clear(): Arrival[] {
    const all = [...this.#settled.takeOut(() => true), ...this.#pending];
    this.#pending.clear();
    return all;
  }
}
