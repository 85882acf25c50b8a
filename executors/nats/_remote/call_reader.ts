/** Reads the calls that a scheduler sends. @module */

import {
  functionOf,
  type FunctionSource,
  functionSource,
  type TaskFunction,
} from "../../../scheduling/function.ts";
import type { Command, PackedCall } from "../_wire/messages.ts";
import type { FetchedValues } from "./fetched_values.ts";
import { readArguments, RemoteCall, type RemoteCallObserver } from "./remote_call.ts";

/** The functions that a session has been sent, and how its calls are read. */
export class CallReader {
  readonly #acceptsSource: boolean;
  readonly #functions = new Map<number, TaskFunction>();
  #refusesAll = false;

  /** `acceptsSource`: whether functions may cross as source text. */
  constructor(acceptsSource: boolean) {
    this.#acceptsSource = acceptsSource;
  }

  /** Returns the initializer of the run, if it may run. If it may not, all calls fail. */
  readInitializer(source: FunctionSource | undefined): TaskFunction | undefined {
    if (source === undefined) return undefined;
    this.#refusesAll = !this.#accepts(source);
    return this.#refusesAll ? undefined : functionOf(source);
  }

  /** Takes a function. */
  learn({ id, source }: Command & { readonly type: "function" }): TaskFunction {
    const fn = functionOf(source);
    this.#functions.set(id, fn);
    return fn;
  }

  /** Makes a call without its arguments. */
  make(packed: PackedCall, expectedMs: number, observer: RemoteCallObserver): RemoteCall {
    const fn = this.#functions.get(packed.functionId) as TaskFunction;
    return new RemoteCall(packed, fn, expectedMs, observer);
  }

  /** Reads the arguments of a call; returns whether it may run. One that may not fails. */
  read(call: RemoteCall, packed: PackedCall): boolean {
    try {
      this.#checkAccepted(call);
      call.args = readArguments(packed);
      return true;
    } catch (error) {
      call.fail(error);
      return false;
    }
  }

  /** Puts the shared values into their places; undefined if they are there. A call that lacks one fails. */
  complete(
    call: RemoteCall,
    { shared = [] }: PackedCall,
    values: FetchedValues | undefined,
  ): Promise<unknown> | undefined {
    if (shared.length === 0) return undefined;
    return values?.complete(call.args as unknown[], shared)?.catch((cause) => {
      call.fail(new Error(`A shared value of ${call.name} did not arrive: ${cause}`, { cause }));
    });
  }

  #checkAccepted({ name, function: fn }: RemoteCall): void {
    const refused = this.#refusesAll ? `The initializer of ${name}` : name;
    if (!this.#refusesAll && this.#accepts(functionSource(fn))) return;
    throw new TypeError(
      `${refused} crosses as source text, and its worker was started with --functions=modules: put it into ` +
        `a module and use fromModule()`,
    );
  }

  // The address of a data: module is its source text.
  #accepts(source: FunctionSource): boolean {
    if (this.#acceptsSource) return true;
    return source.kind === "module" && new URL(source.url).protocol !== "data:";
  }
}
