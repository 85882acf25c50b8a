/** Numbers for functions, so that a worker is sent each only once. @module */

import { type FunctionSource, functionSource, type TaskFunction } from "../scheduling/function.ts";

/** A function with its number. */
export interface NumberedFunction {
  readonly id: number;
  readonly source: FunctionSource;
}

/** The functions of an executor. */
export class FunctionTable {
  #byFunction = new WeakMap<TaskFunction, NumberedFunction>();
  // Functions made anew for each submission differ, but their text does not.
  #byText = new Map<string, NumberedFunction>();

  lookUp(fn: TaskFunction): NumberedFunction {
    const known = this.#byFunction.get(fn);
    if (known !== undefined) return known;
    const numbered = this.#lookUpText(functionSource(fn));
    this.#byFunction.set(fn, numbered);
    return numbered;
  }

  /** Forgets all; the numbers of the next functions begin anew. */
  clear(): void {
    this.#byFunction = new WeakMap();
    this.#byText.clear();
  }

  #lookUpText(source: FunctionSource): NumberedFunction {
    const key = JSON.stringify(source);
    const known = this.#byText.get(key);
    if (known !== undefined) return known;
    const numbered = { id: this.#byText.size + 1, source };
    this.#byText.set(key, numbered);
    return numbered;
  }
}
