/** Values that a worker is sent once: in the arguments of a call a number stands for each. @module */

import { sharingError } from "./_uncloneable.ts";

/** Which argument of a call is a shared value, and the number of that. */
export type SharedPlace = readonly [argument: number, valueId: number];

/** Shared values on their way to a worker. */
export type SharedValueList = readonly (readonly [id: number, value: object])[];

/** The arguments of a call, and where shared values belong among them. */
export interface SplitArgs {
  readonly args: readonly unknown[];
  readonly places: readonly SharedPlace[];
}

const NO_PLACES: readonly SharedPlace[] = [];

/** The shared values of a pool. */
export class SharedValues {
  // Not those of handles that the program has let go of.
  readonly #ids = new WeakMap<object, number>();
  #lastId = 0;

  /** Copies a value; the copy has a number. */
  add(value: object): object {
    const copy = clone(value);
    this.#ids.set(copy, ++this.#lastId);
    return copy;
  }

  /** Takes its number from a value, which crosses as any other from then on. */
  delete(value: object): number | undefined {
    const id = this.#ids.get(value);
    this.#ids.delete(value);
    return id;
  }

  /** The number of a value, if it is shared. */
  idOf(value: unknown): number | undefined {
    return typeof value === "object" && value !== null ? this.#ids.get(value) : undefined;
  }
}

/** The shared values that one worker has. */
export class SentValues {
  readonly #shared: SharedValues;
  readonly #sent = new Set<number>();
  #unsent: [number, object][] = [];

  constructor(shared: SharedValues) {
    this.#shared = shared;
  }

  /** Takes the shared values out of the arguments of a call that is about to be sent. */
  split(args: readonly unknown[]): SplitArgs {
    if (!args.some((arg) => this.#shared.idOf(arg) !== undefined)) {
      return { args, places: NO_PLACES };
    }
    const places: SharedPlace[] = [];
    const others = args.map((arg, index) => {
      const id = this.#shared.idOf(arg);
      if (id === undefined) return arg;
      places.push([index, id]);
      this.#note(id, arg as object);
      return undefined;
    });
    return { args: others, places };
  }

  /** The values that the worker has to be sent along with what was split. */
  takeUnsent(): SharedValueList | undefined {
    if (this.#unsent.length === 0) return undefined;
    const taken = this.#unsent;
    this.#unsent = [];
    return taken;
  }

  /** Notes that values did not arrive. */
  lost(values: SharedValueList = []): void {
    for (const [id] of values) this.#sent.delete(id);
  }

  /** Notes that the worker lets go of a value; tells whether it had it. */
  delete(id: number): boolean {
    return this.#sent.delete(id);
  }

  #note(id: number, value: object): void {
    if (this.#sent.has(id)) return;
    this.#sent.add(id);
    this.#unsent.push([id, value]);
  }
}

function clone(value: object): object {
  try {
    return structuredClone(value);
  } catch (cause) {
    throw sharingError(value, cause);
  }
}
