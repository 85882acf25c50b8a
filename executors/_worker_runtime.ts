/** The worker's side of a call: makes the function, calls it, tells what became of it. @module */

import { loadExport } from "../scheduling/_module.ts";
import { type AnyFunction, compile } from "../scheduling/_source.ts";
import type { FunctionSource } from "../scheduling/function.ts";
import { transferablesOf } from "../scheduling/transfer.ts";
import { type ErrorRecord, toErrorRecord } from "./_error_record.ts";
import type { CallMessage, Outcome } from "./_protocol.ts";
import type { SharedPlace, SharedValueList } from "./_shared_values.ts";
import { resultError } from "./_uncloneable.ts";

interface KnownFunction {
  readonly source: FunctionSource;
  /** Made at the first call. */
  callable: AnyFunction | undefined;
}

/** Runs calls in a worker. */
export class WorkerRuntime {
  readonly #functions = new Map<number, KnownFunction>();
  readonly #sharedValues = new Map<number, object>();

  /** Takes what a function is made from. */
  learn(functionId: number, source: FunctionSource): void {
    this.#functions.set(functionId, { source, callable: undefined });
  }

  /** Takes shared values. */
  keep(values: SharedValueList = []): void {
    for (const [id, value] of values) this.#sharedValues.set(id, value);
  }

  /** Lets go of a shared value. */
  release(valueId: number): void {
    this.#sharedValues.delete(valueId);
  }

  /** The arguments of a call with the shared values among them. */
  complete(args: readonly unknown[], places: readonly SharedPlace[] = []): readonly unknown[] {
    if (places.length === 0) return args;
    const all = [...args];
    for (const [index, id] of places) all[index] = this.#sharedValues.get(id);
    return all;
  }

  /**
   * Calls the function, which is made at its first call: at once from its text, so that nothing comes
   * between. A module that failed to load is tried again at the next call.
   */
  call(functionId: number, args: readonly unknown[]): unknown {
    const known = this.#functions.get(functionId);
    if (known === undefined) throw new Error(`No function ${functionId} was sent`);
    const { source } = known;
    if (source.kind === "source") known.callable ??= compile(source.source, source.name)();
    return known.callable === undefined ? this.#load(known, args) : known.callable(...args);
  }

  async #load(known: KnownFunction, args: readonly unknown[]): Promise<unknown> {
    const { url, name } = known.source as FunctionSource & { kind: "module" };
    const callable = known.callable ??= await loadExport(url, name);
    return callable(...args);
  }

  /** Runs a call; never rejects. */
  async run({ functionId, function: source, ...call }: CallMessage): Promise<Outcome> {
    if (source !== undefined) this.learn(functionId, source);
    this.keep(call.values);
    try {
      const args = this.complete(call.args, call.places);
      return { ok: true, value: await this.call(functionId, args) };
    } catch (error) {
      return this.failure(functionId, error);
    }
  }

  /** What a call came to whose function threw. */
  failure(functionId: number, error: unknown): Outcome {
    const source = this.#functions.get(functionId)?.source;
    const record = toErrorRecord(error);
    return { ok: false, error: source === undefined ? record : explain(record, error, source) };
  }

  /** What to tell in place of a value that cannot be sent. */
  unsendable(functionId: number, outcome: Outcome, cause: unknown): Outcome {
    const name = this.#functions.get(functionId)?.source.name || "the function";
    const error = resultError(name, outcome.ok ? outcome.value : outcome, cause);
    return { ok: false, error: toErrorRecord(error) };
  }
}

/** What moves with an outcome. */
export function transferablesOfOutcome(outcome: Outcome): readonly Transferable[] {
  return outcome.ok ? transferablesOf([outcome.value]) : [];
}

// The usual mistake with a function that crosses as source: it uses something around it.
function explain(record: ErrorRecord, error: unknown, fn: FunctionSource): ErrorRecord {
  if (fn.kind !== "source" || record.kind !== "error") return record;
  if (!(error instanceof ReferenceError)) return record;
  const variable = /^(\S+) is not defined$/.exec(record.message)?.[1];
  if (variable === undefined || !fn.source.includes(variable)) return record;
  const message = `${record.message} in the worker: ${fn.name || "the function"} crossed as ` +
    `source text, without what is around it; pass ${variable} as an argument, or put the ` +
    `function into a module and use fromModule()`;
  return { ...record, message };
}
