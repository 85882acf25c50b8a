/** The two media by which values cross, and which values each refuses. @module */

import { FUTURE } from "./is_thenable.ts";
import { type Visited, visitObjects } from "./visit_objects.ts";

/** A way for values to reach another thread or process. */
export interface Medium {
  /** What an error says of a refused value. */
  readonly verdict: string;
  /** Whether a value arrives as `structuredClone()` returns it. */
  accepts(value: unknown): boolean;
}

/** A medium has refused a value; `cause` is what the engine or a getter threw, if anything. */
export class RefusedError extends Error {
  readonly medium: Medium;

  constructor(medium: Medium, cause?: unknown) {
    super("The value was refused", { cause });
    this.medium = medium;
  }
}

/** How a structured clone treats an object: an `emptied` one keeps only its own fields. */
export type Fate = "refused" | "kept" | "emptied";

// Kept, because tasks may replace them.
const clone = structuredClone;
const { create, defineProperty, getOwnPropertyDescriptor, getOwnPropertySymbols, getPrototypeOf } =
  Object;
const { get: getItem, set: setItem } = WeakMap.prototype;
const { apply } = Reflect;
const fates = new WeakMap<object, Fate>();

/** Threads, by `postMessage()`. */
export const THREADS: Medium = {
  verdict: "cannot be cloned",
  accepts(value: unknown): boolean {
    try {
      clone(value);
      checkObjects(value);
      return true;
    } catch {
      return false;
    }
  },
};

/** From a caller in this thread to a function in this thread: nothing is cloned. */
export const SAME_THREAD: Medium = {
  verdict: "is not awaited inside another value",
  accepts(value: unknown): boolean {
    try {
      visitObjects(value, [], (object) => {
        if (FUTURE in object) throw new RefusedError(SAME_THREAD);
      });
      return true;
    } catch {
      return false;
    }
  },
};

/**
 * Refuses an object, such as a `URL`, that `structuredClone()` refuses on its own but silently empties
 * inside another value.
 *
 * @throws {RefusedError}
 */
export function checkObjects(value: unknown, moved: readonly unknown[] = []): Visited {
  return visitObjects(value, moved, (object) => {
    if (fateOf(object) === "refused") throw new RefusedError(THREADS);
  });
}

/** Whether a value is a primitive that every medium accepts. */
export function isPrimitive(value: unknown): boolean {
  const type = typeof value;
  return type === "object" ? value === null : type !== "function" && type !== "symbol";
}

/** How a clone treats the class of an object. What the engine itself clones or refuses is `emptied`. */
export function fateOf(object: object): Fate {
  const symbols = getOwnPropertySymbols(object);
  const prototype = getPrototypeOf(object);
  if (symbols.length > 0 || prototype === null) return fateOfStandIn(object, symbols);
  let fate: Fate | undefined = apply(getItem, fates, [prototype]);
  if (fate === undefined) {
    fate = fateOfStandIn(object, symbols);
    apply(setItem, fates, [prototype, fate]);
  }
  return fate;
}

// The platform identifies its objects by class and symbols, so an object with only those is cheap to try.
function fateOfStandIn(object: object, symbols: readonly symbol[]): Fate {
  if (FUTURE in object) return "refused";
  const standIn = create(getPrototypeOf(object));
  for (let index = 0; index < symbols.length; index++) {
    const symbol = symbols[index] as symbol;
    defineProperty(standIn, symbol, getOwnPropertyDescriptor(object, symbol) ?? {});
  }
  try {
    return getPrototypeOf(clone(standIn)) === Object.prototype ? "emptied" : "kept";
  } catch (error) {
    return (error as Error | undefined)?.name === "DataCloneError" ? "refused" : "kept";
  }
}
