/** Reads the calls that a scheduler sends. @module */

import { functionOf, functionSource, type TaskFunction } from "../../../scheduling/function.ts";
import type { Command, PackedCall } from "../_wire/messages.ts";
import type { FetchedValues } from "./fetched_values.ts";
import { readArguments, RemoteCall, type RemoteCallObserver } from "./remote_call.ts";

/** The functions that a session has been sent, and how its calls are read. */
export class CallReader {
  readonly #acceptsSource: boolean;
  readonly #functions = new Map<number, TaskFunction>();

  /** `acceptsSource`: whether functions may cross as source text. */
  constructor(acceptsSource: boolean) {
    this.#acceptsSource = acceptsSource;
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
    if (this.#acceptsSource || functionSource(fn).kind !== "source") return;
    throw new TypeError(
      `${name} crosses as source text, and its worker was started with --functions=modules: put it into ` +
        `a module and use fromModule()`,
    );
  }
}
