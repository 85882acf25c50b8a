/** How values reach the other side, and which of them cannot. @module */

import { visitObjects } from "./visit_objects.ts";

/** A way for values to another thread or process. */
export interface Medium {
  /** What it does not do to a value that it refuses. */
  readonly verdict: string;
  /** Whether a value arrives, and as `structuredClone()` returns it. */
  accepts(value: unknown): boolean;
}

/** A medium has refused a value; its cause is what the engine or a getter threw, if one of them did. */
export class RefusedError extends Error {
  readonly medium: Medium;

  constructor(medium: Medium, cause?: unknown) {
    super("The value was refused", { cause });
    this.medium = medium;
  }
}

/** What becomes of an object in a structured clone: `emptied` ones lose all but their own fields. */
export type Fate = "refused" | "kept" | "emptied";

// A task may put its own in place of these.
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

/**
 * Refuses an object, such as a `URL`, that `structuredClone()` refuses by itself and empties where it is
 * part of another value.
 *
 * @throws {RefusedError}
 */
export function checkObjects(value: unknown, moved: readonly unknown[] = []): void {
  visitObjects(value, moved, (object) => {
    if (fateOf(object) === "refused") throw new RefusedError(THREADS);
  });
}

/** Whether a value is one that any medium accepts. */
export function isPrimitive(value: unknown): boolean {
  const type = typeof value;
  return type === "object" ? value === null : type !== "function" && type !== "symbol";
}

/** What becomes of an object by its class. What the engine itself clones or refuses counts as emptied. */
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

// The platform knows its objects by class and symbols, so one without the fields tells at no cost.
function fateOfStandIn(object: object, symbols: readonly symbol[]): Fate {
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
