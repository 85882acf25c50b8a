/** What one worker was given already, so that it need not be sent with each call. @module */

import type { TaskFunction } from "../../scheduling/function.ts";
import type { FunctionTable } from "./function_table.ts";
import type { Delivery, SharedPlace } from "../_wire/protocol.ts";
import type { SharedValues } from "./shared_values.ts";

/** The functions and shared values of a pool. */
export interface PoolTables {
  readonly functions: FunctionTable;
  readonly values: SharedValues;
}

/** The arguments of a call, and where shared values belong among them. */
export interface SplitArgs {
  readonly args: readonly unknown[];
  readonly places: readonly SharedPlace[];
}

/** Sends a worker something that it keeps; throws when it cannot be cloned. */
export type Deliver = (delivery: Delivery) => void;

const NO_PLACES: readonly SharedPlace[] = [];

/** Functions and shared values that a worker has. */
export class WorkerKnowledge {
  readonly #tables: PoolTables;
  readonly #deliver: Deliver;
  readonly #functionIds = new Set<number>();
  readonly #valueIds = new Set<number>();

  constructor(tables: PoolTables, deliver: Deliver) {
    this.#tables = tables;
    this.#deliver = deliver;
  }

  /** The number by which the worker knows a function from now on. */
  functionId(fn: TaskFunction): number {
    const { id, source } = this.#tables.functions.lookUp(fn);
    if (!this.#functionIds.has(id)) {
      this.#deliver({ type: "function", id, source });
      this.#functionIds.add(id);
    }
    return id;
  }

  /** Arguments without the shared values among them, which the worker has from now on. */
  split(args: readonly unknown[]): SplitArgs {
    const { values } = this.#tables;
    if (!args.some((arg) => values.idOf(arg) !== undefined)) return { args, places: NO_PLACES };
    const places: SharedPlace[] = [];
    const others = args.map((arg, index) => {
      const id = values.idOf(arg);
      if (id === undefined) return arg;
      this.#giveValue(id, arg as object);
      places.push([index, id]);
      return undefined;
    });
    return { args: others, places };
  }

  /** Has the worker let go of a shared value, if it has it. */
  release(id: number): void {
    if (this.#valueIds.delete(id)) this.#deliver({ type: "release", id });
  }

  // By itself: what is an argument beside it, and a part of it, must not become one with that part.
  #giveValue(id: number, value: object): void {
    if (this.#valueIds.has(id)) return;
    this.#deliver({ type: "value", id, value });
    this.#valueIds.add(id);
  }
}
