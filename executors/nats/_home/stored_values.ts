/** The shared values that a run has stored on the server. @module */

import { callAfter } from "../../../scheduling/_base/time.ts";
import { serialize } from "../../../scheduling/_base/v8_values.ts";
import type { Call } from "../../../scheduling/executor.ts";
import type { SharedValues } from "../../_calls/shared_values.ts";
import type { SharedArgument } from "../_wire/messages.ts";
import type { Broker } from "./broker.ts";

// The server removes what is older than a day.
const STORE_AGAIN_MS = 12 * 3_600_000;

/** Stores each shared value when the first call takes it, and again before it is too old. */
export class StoredValues {
  readonly #broker: Broker;
  readonly #values: SharedValues;
  // In how many parts each is stored, once it is.
  readonly #parts = new Map<number, Promise<number> | number>();
  // How many calls that were sent take each.
  readonly #uses = new Map<number, number>();
  readonly #released = new Set<number>();
  readonly #timers = new Map<number, () => void>();

  constructor(broker: Broker, values: SharedValues) {
    this.#broker = broker;
    this.#values = values;
  }

  /** Stores the shared values of a call; undefined if all are stored. */
  store({ args }: Call): Promise<unknown> | undefined {
    const pending: Promise<number>[] = [];
    for (const value of args) {
      const id = this.#values.idOf(value);
      if (id === undefined) continue;
      const parts = this.#parts.get(id) ?? this.#store(id, value as object);
      if (typeof parts !== "number") pending.push(parts);
    }
    return pending.length === 0 ? undefined : Promise.all(pending);
  }

  /** Splits the arguments of a call into the shared values, which are stored, and the rest. */
  split({ args }: Call): { readonly args: unknown[]; readonly shared: SharedArgument[] } {
    const shared: SharedArgument[] = [];
    const others = args.map((value, index) => {
      const id = this.#values.idOf(value);
      const parts = id === undefined ? undefined : this.#parts.get(id);
      if (id === undefined || typeof parts !== "number") return value;
      shared.push({ index, id, parts });
      return undefined;
    });
    return { args: others, shared };
  }

  /** Calls that were sent take these values. */
  use(shared: readonly SharedArgument[]): void {
    for (const { id } of shared) this.#uses.set(id, (this.#uses.get(id) ?? 0) + 1);
  }

  /** They have ended. */
  unuse(shared: readonly SharedArgument[]): void {
    for (const { id } of shared) {
      this.#uses.set(id, (this.#uses.get(id) ?? 0) - 1);
      if (this.#released.has(id)) this.release(id);
    }
  }

  /** Removes a value once no call that was sent takes it. */
  release(id: number): void {
    this.#released.add(id);
    if ((this.#uses.get(id) ?? 0) > 0) return;
    this.#released.delete(id);
    this.#uses.delete(id);
    this.#timers.get(id)?.();
    this.#timers.delete(id);
    if (this.#parts.delete(id)) this.#broker.removeValue(id);
  }

  /** Stores nothing again. */
  close(): void {
    for (const stop of this.#timers.values()) stop();
    this.#timers.clear();
  }

  #store(id: number, value: object): Promise<number> {
    const storing = this.#storeNow(id, value);
    this.#parts.set(id, storing);
    storing.then((parts) => {
      // It was released meanwhile.
      if (this.#parts.get(id) !== storing) return void this.#broker.removeValue(id);
      this.#parts.set(id, parts);
      this.#timers.set(id, callAfter(STORE_AGAIN_MS, () => this.#store(id, value)));
    }, () => {
      this.#parts.delete(id);
      this.#broker.removeValue(id);
    });
    return storing;
  }

  async #storeNow(id: number, value: object): Promise<number> {
    return await this.#broker.storeValue(id, serialize(value));
  }
}
