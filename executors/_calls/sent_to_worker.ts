/** Sends functions and shared values to a worker, each only once. @module */

import type { TaskFunction } from "../../scheduling/function.ts";
import type { FunctionTable } from "./function_table.ts";
import type { SharedPlace, WorkerCommand } from "../_wire/protocol.ts";
import type { SharedValues } from "./shared_values.ts";

/** The functions and shared values of a pool. */
export interface PoolTables {
  readonly functions: FunctionTable;
  readonly values: SharedValues;
}

/** The arguments of a call without shared values, and the places of those. */
export interface ExtractedArgs {
  readonly args: readonly unknown[];
  readonly places: readonly SharedPlace[];
}

/** Sends a command to a worker; throws when its content cannot be cloned. */
export type SendCommand = (command: WorkerCommand, transfer?: Transferable[]) => void;

const NO_PLACES: readonly SharedPlace[] = [];

/** The functions and shared values that a worker has. */
export class SentToWorker {
  readonly #tables: PoolTables;
  readonly #send: SendCommand;
  readonly #functionIds = new Set<number>();
  readonly #valueIds = new Set<number>();

  constructor(tables: PoolTables, send: SendCommand) {
    this.#tables = tables;
    this.#send = send;
  }

  /** Sends the function unless the worker has it; returns its number there. */
  ensureFunction(fn: TaskFunction): number {
    const { id, source } = this.#tables.functions.lookUp(fn);
    if (!this.#functionIds.has(id)) {
      this.#send({ type: "function", id, source });
      this.#functionIds.add(id);
    }
    return id;
  }

  /** Takes the shared values out of arguments and sends those that the worker lacks. */
  extractShared(args: readonly unknown[]): ExtractedArgs {
    const { values } = this.#tables;
    if (!args.some((arg) => values.idOf(arg) !== undefined)) return { args, places: NO_PLACES };
    const places: SharedPlace[] = [];
    const others = args.map((arg, index) => {
      const id = values.idOf(arg);
      if (id === undefined) return arg;
      this.#sendValue(id, arg as object);
      places.push([index, id]);
      return undefined;
    });
    return { args: others, places };
  }

  /** Makes the worker drop a shared value, if it has it. */
  release(id: number): void {
    if (this.#valueIds.delete(id)) this.#send({ type: "release", id });
  }

  // In a separate message, so that an argument that is also part of the value stays a separate copy.
  #sendValue(id: number, value: object): void {
    if (this.#valueIds.has(id)) return;
    this.#send({ type: "value", id, value });
    this.#valueIds.add(id);
  }
}
