/** Numbers the functions of an executor and tracks how long their calls take. @module */

import {
  type FunctionSource,
  functionSource,
  type TaskFunction,
} from "../../scheduling/function.ts";

// Weights of the latest call. A slower one counts more, because underestimating delays other calls.
const SLOWER = 0.5;
const FASTER = 0.1;

/** A function with its number. */
export class NumberedFunction {
  readonly id: number;
  readonly source: FunctionSource;
  /** The moving average of its calls in milliseconds; undefined before the first has ended. */
  time: number | undefined;

  constructor(id: number, source: FunctionSource) {
    this.id = id;
    this.source = source;
  }

  /** Notes how long a call took. */
  observe(duration: number): void {
    const time = this.time ?? duration;
    this.time = time + (duration - time) * (duration > time ? SLOWER : FASTER);
  }
}

/** The functions of an executor. */
export class FunctionTable {
  // Caches the last lookup, because many calls in a row have the same function.
  #last: { readonly fn: TaskFunction; readonly numbered: NumberedFunction } | undefined;
  #byFunction = new WeakMap<TaskFunction, NumberedFunction>();
  // Closures made anew for each submission share their text.
  #byText = new Map<string, NumberedFunction>();

  lookUp(fn: TaskFunction): NumberedFunction {
    if (fn === this.#last?.fn) return this.#last.numbered;
    const numbered = this.#byFunction.get(fn) ?? this.#add(fn);
    this.#last = { fn, numbered };
    return numbered;
  }

  /** Forgets all functions and restarts their numbers. */
  clear(): void {
    this.#byFunction = new WeakMap();
    this.#byText.clear();
    this.#last = undefined;
  }

  #add(fn: TaskFunction): NumberedFunction {
    const numbered = this.#lookUpText(functionSource(fn));
    this.#byFunction.set(fn, numbered);
    return numbered;
  }

  #lookUpText(source: FunctionSource): NumberedFunction {
    const key = JSON.stringify(source);
    const known = this.#byText.get(key);
    if (known !== undefined) return known;
    const numbered = new NumberedFunction(this.#byText.size + 1, source);
    this.#byText.set(key, numbered);
    return numbered;
  }
}
