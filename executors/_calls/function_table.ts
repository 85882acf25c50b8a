/** The functions of an executor: a number for each, and how long its calls take. @module */

import {
  type FunctionSource,
  functionSource,
  type TaskFunction,
} from "../../scheduling/function.ts";

// How much a longer and a shorter call count: one that is late harms others, one that is early does not.
const SLOWER = 0.5;
const FASTER = 0.1;

/** A function with its number. */
export class NumberedFunction {
  readonly id: number;
  readonly source: FunctionSource;
  /** Milliseconds that its calls take of late; undefined before the first has ended. */
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
  // Many calls in a row are of one function.
  #last: { readonly fn: TaskFunction; readonly numbered: NumberedFunction } | undefined;
  #byFunction = new WeakMap<TaskFunction, NumberedFunction>();
  // Functions made anew for each submission differ, but their text does not.
  #byText = new Map<string, NumberedFunction>();

  lookUp(fn: TaskFunction): NumberedFunction {
    if (fn === this.#last?.fn) return this.#last.numbered;
    const numbered = this.#byFunction.get(fn) ?? this.#add(fn);
    this.#last = { fn, numbered };
    return numbered;
  }

  /** Forgets all; the numbers of the next functions begin anew. */
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
