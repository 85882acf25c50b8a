/** The functions and shared values of a worker: compiles or loads functions and calls them. @module */

import { loadExport } from "../../scheduling/_base/load_export.ts";
import { type AnyFunction, compile } from "../../scheduling/_base/compile.ts";
import type { FunctionSource } from "../../scheduling/function.ts";
import { transferablesOf } from "../../scheduling/_base/transferables.ts";
import { toErrorRecord, toThrownRecord } from "../_wire/error_record.ts";
import type { Medium } from "../../scheduling/_base/medium.ts";
import type { ChannelStart, InitializeMessage, Outcome, SharedPlace } from "../_wire/protocol.ts";
import { resultError } from "../../scheduling/_base/uncloneable.ts";
import type { Channels } from "./channels.ts";

interface KnownFunction {
  readonly source: FunctionSource;
  /** Made at the first call. */
  callable: AnyFunction | undefined;
  /** Whether a call of it has returned a promise. */
  waits: boolean;
}

/** Runs calls in a worker. */
export class WorkerRuntime {
  /** Fulfils when calls may start, if they have to wait. */
  preparing: Promise<void> | undefined;
  /** Called when the function of a call has ended, before its outcome is reported. */
  onCallEnd: (() => void) | undefined;
  readonly #medium: Medium;
  readonly #channels: Channels;
  readonly #functions = new Map<number, KnownFunction>();
  readonly #sharedValues = new Map<number, object>();
  #loadCount = 0;

  /** `medium` is the medium by which outcomes reach the pool. */
  constructor(channels: Channels, medium: Medium) {
    this.#channels = channels;
    this.#medium = medium;
  }

  /** Whether a call loads the module of its function. */
  get isLoading(): boolean {
    return this.#loadCount > 0;
  }

  /** Takes the source of a function. */
  learn(functionId: number, source: FunctionSource): void {
    this.#functions.set(functionId, { source, callable: undefined, waits: false });
  }

  /** Takes a shared value. */
  keep(id: number, value: object): void {
    this.#sharedValues.set(id, value);
  }

  /** Drops a shared value. */
  release(id: number): void {
    this.#sharedValues.delete(id);
  }

  /**
   * Inserts the shared values into the arguments of a call.
   *
   * @throws {DOMException} `DataCloneError` if a shared value did not arrive.
   */
  complete(args: readonly unknown[], places: readonly SharedPlace[] = []): readonly unknown[] {
    if (places.length === 0) return args;
    const all = [...args];
    for (const [index, id] of places) all[index] = this.#sharedValue(id, index);
    return all;
  }

  #sharedValue(id: number, index: number): object {
    const value = this.#sharedValues.get(id);
    if (value !== undefined) return value;
    const message = `Argument ${index + 1} cannot be read in the worker: the shared value ` +
      `did not arrive, as happens when values are nested too deeply`;
    throw new DOMException(message, "DataCloneError");
  }

  /**
   * Checks before a call that its function can be looked up.
   *
   * @throws if not, for example because a task has broken `Map`.
   */
  check(functionId: number): void {
    if (this.#functions.get(functionId) === undefined) {
      throw new Error(`No function ${functionId} was sent`);
    }
  }

  /** Whether the next call of a function may have to wait for the event loop. */
  mayWait(functionId: number): boolean {
    const known = this.#functions.get(functionId);
    return known?.callable === undefined || known.waits;
  }

  /** Notes that a function returns promises. */
  noteWait(functionId: number): void {
    const known = this.#functions.get(functionId);
    if (known !== undefined) known.waits = true;
  }

  /**
   * Calls a function. Source text is compiled synchronously at the first call, so that nothing runs in
   * between; a module that failed to load is loaded again at the next call.
   */
  call(functionId: number, args: readonly unknown[], channel?: ChannelStart): unknown {
    if (channel === undefined) return this.#call(functionId, args);
    return this.#channels.call(channel, (comm) => this.#call(functionId, [comm, ...args]));
  }

  #call(functionId: number, args: readonly unknown[]): unknown {
    const known = this.#functions.get(functionId);
    if (known === undefined) throw new Error(`No function ${functionId} was sent`);
    const { source } = known;
    if (source.kind === "source") known.callable ??= compile(source.source, source.name)();
    // Not called as `known.callable()`, which would pass the record as `this`.
    const { callable } = known;
    return callable === undefined ? this.#load(known, args) : callable(...args);
  }

  async #load(known: KnownFunction, args: readonly unknown[]): Promise<unknown> {
    const { url, name } = known.source as FunctionSource & { kind: "module" };
    this.#loadCount++;
    try {
      known.callable ??= await loadExport(url, name);
    } finally {
      this.#loadCount--;
    }
    const { callable } = known;
    return callable(...args);
  }

  /** Runs the initializer, whose result stays here; never rejects. */
  async initialize({ functionId }: InitializeMessage): Promise<Outcome> {
    try {
      await this.call(functionId, []);
      return { ok: true, value: undefined };
    } catch (error) {
      return this.failure(error);
    }
  }

  /** The outcome of a call whose function threw. */
  failure(error: unknown): Outcome {
    return { ok: false, error: toThrownRecord(error, this.#medium) };
  }

  /** The outcome to send instead of one that cannot be sent. */
  unsendable(functionId: number, outcome: Outcome, cause: unknown): Outcome {
    const name = this.#functions.get(functionId)?.source.name || "the function";
    const error = resultError(name, outcome.ok ? outcome.value : outcome, cause);
    return { ok: false, error: toErrorRecord(error, this.#medium) };
  }
}

/** The transferables of an outcome. */
export function transferablesOfOutcome(outcome: Outcome): readonly Transferable[] {
  return outcome.ok ? transferablesOf([outcome.value]) : [];
}
