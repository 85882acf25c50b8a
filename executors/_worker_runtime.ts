/** The worker's side of a call: makes the function, calls it, tells what became of it. @module */

import { loadExport } from "../scheduling/_module.ts";
import { type AnyFunction, compile } from "../scheduling/_source.ts";
import type { FunctionSource } from "../scheduling/function.ts";
import { transferablesOf } from "../scheduling/transfer.ts";
import { type ErrorRecord, toErrorRecord } from "./_error_record.ts";
import type { CallMessage, Outcome } from "./_protocol.ts";
import { resultError } from "./_uncloneable.ts";

interface KnownFunction {
  readonly source: FunctionSource;
  /** Made at the first call. */
  callable: AnyFunction | undefined;
}

/** Runs calls in a worker. */
export class WorkerRuntime {
  readonly #functions = new Map<number, KnownFunction>();

  /** Takes what a function is made from. */
  learn(functionId: number, source: FunctionSource): void {
    this.#functions.set(functionId, { source, callable: undefined });
  }

  /** The function, if it has been made. */
  known(functionId: number): AnyFunction | undefined {
    return this.#functions.get(functionId)?.callable;
  }

  /** Makes the function; a module that failed to load is tried again at the next call. */
  async load(functionId: number): Promise<AnyFunction> {
    const known = this.#functions.get(functionId);
    if (known === undefined) throw new Error(`No function ${functionId} was sent`);
    return known.callable ??= await callableOf(known.source);
  }

  /** Runs a call; never rejects. */
  async run({ functionId, function: source, args }: CallMessage): Promise<Outcome> {
    if (source !== undefined) this.learn(functionId, source);
    try {
      const callable = this.known(functionId) ?? await this.load(functionId);
      return { ok: true, value: await callable(...args) };
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

async function callableOf(source: FunctionSource): Promise<AnyFunction> {
  if (source.kind === "module") return await loadExport(source.url, source.name);
  return compile(source.source, source.name)();
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
