/** Visits the objects that a clone of a value would copy. @module */

// Up to so many objects a value is small, so that the cost of the visit does not matter.
const SMALL = 1_000;
// Remembering every object of a large value costs as much as cloning it. Every eighth one ends cycles as
// well: with n objects, at most 8 * n visits happen before all are remembered.
const REMEMBERED = 8;
const MAX_DEPTH = 64;

type Callback = (value: unknown, key: unknown) => void;

// Kept, because a task that replaced them would get no result.
const { getOwnPropertyDescriptor, getOwnPropertySymbols, getPrototypeOf, hasOwn, keys } = Object;
const ObjectPrototype = Object.prototype;
const { isArray } = Array;
const { isView } = ArrayBuffer;
const { call } = Function.prototype;
const hasItem: (set: Set<unknown>, item: unknown) => boolean = call.bind(Set.prototype.has);
const addItem: (set: Set<unknown>, item: unknown) => void = call.bind(Set.prototype.add);
const forEachEntry: (map: object, visit: Callback) => void = call.bind(Map.prototype.forEach);
const sizeOfMap = getOwnPropertyDescriptor(Map.prototype, "size")?.get;
const sizeOfSet = getOwnPropertyDescriptor(Set.prototype, "size")?.get;
const { apply } = Reflect;
const forEachItem: (set: object, visit: Callback) => void = call.bind(Set.prototype.forEach);

/** What a visit has met. */
export interface Visited {
  /** Whether there are getters. */
  readonly hasGetters: boolean;
  /** Whether objects are nested so deeply that the engine may fail to read what it could write. */
  readonly isDeep: boolean;
}

const NOTHING: Visited = { hasGetters: false, isDeep: false };

/**
 * Visits each object inside a value that is neither a plain array nor a record, at least once. If the
 * instances of a class have no symbols, one may stand for others. It skips the objects in `excepted` and
 * the values of getters.
 */
export function visitObjects(
  value: unknown,
  excepted: readonly unknown[],
  visit: (object: object) => void,
): Visited {
  if (typeof value !== "object" || value === null) return NOTHING;
  const walk = new Walk(excepted, visit);
  walk.run(value);
  return walk;
}

class Walk implements Visited {
  hasGetters = false;
  readonly #visit: (object: object) => void;
  readonly #seen = new Set<unknown>();
  // Objects nested too deeply for recursion.
  readonly #deep: object[] = [];
  #depth = 0;
  #visits = 0;
  // Caches the prototype of a class that clones by its fields: many objects in a row share their class.
  #ordinary: object | undefined;

  constructor(excepted: readonly unknown[], visit: (object: object) => void) {
    for (let index = 0; index < excepted.length; index++) addItem(this.#seen, excepted[index]);
    this.#visit = visit;
  }

  get isDeep(): boolean {
    return this.#deep.length > 0;
  }

  run(value: object): void {
    this.#addObject(value);
    for (let index = 0; index < this.#deep.length; index++) {
      this.#addObject(this.#deep[index] as object);
    }
  }

  #add(part: unknown): void {
    if (typeof part !== "object" || part === null) return;
    if (this.#depth === MAX_DEPTH) {
      this.#deep[this.#deep.length] = part;
    } else {
      this.#depth++;
      this.#addObject(part);
      this.#depth--;
    }
  }

  #addObject(object: object): void {
    if (hasItem(this.#seen, object)) return;
    if (++this.#visits < SMALL || this.#visits % REMEMBERED === 0) addItem(this.#seen, object);
    const prototype = getPrototypeOf(object);
    if (prototype === ObjectPrototype || prototype === null || prototype === this.#ordinary) {
      this.#addFields(object);
    } else if (isArray(object)) {
      this.#addItems(object);
    } else {
      this.#visit(object);
      this.#addPartsOfInstance(object, prototype);
    }
  }

  #addItems(list: readonly unknown[]): void {
    // A short list by its keys, which need not be indices; for a long one that takes too long.
    if (this.#visits + list.length < SMALL) return this.#addFields(list);
    for (let index = 0; index < list.length; index++) {
      const item = list[index];
      // A sparse list, whose length may be huge.
      if (item === undefined && !hasOwn(list, index)) return this.#addFields(list);
      this.#add(item);
    }
  }

  #addFields(object: object): void {
    const names = keys(object);
    for (let index = 0; index < names.length; index++) {
      this.#addField(object, names[index] as string);
    }
  }

  #addField(object: object, name: string): void {
    const field = getOwnPropertyDescriptor(object, name);
    if (field?.get !== undefined) this.hasGetters = true;
    this.#add(field?.value);
  }

  #addPartsOfInstance(object: object, prototype: object): void {
    if (isView(object) || object instanceof ArrayBuffer || this.#addEntries(object)) return;
    if (object instanceof Error) return this.#addField(object, "cause");
    if (getOwnPropertySymbols(object).length === 0) this.#ordinary = prototype;
    this.#addFields(object);
  }

  #addEntries(object: object): boolean {
    // Not by its iterator, because a subclass may have overridden it.
    if (object instanceof Map && hasSize(object, sizeOfMap)) {
      forEachEntry(object, (value, key) => {
        this.#add(key);
        this.#add(value);
      });
    } else if (object instanceof Set && hasSize(object, sizeOfSet)) {
      forEachItem(object, (item) => this.#add(item));
    } else {
      return false;
    }
    return true;
  }
}

// An object may have the prototype of a Map or Set without being one.
function hasSize(object: object, size: (() => number) | undefined): boolean {
  try {
    return size !== undefined && apply(size, object, []) >= 0;
  } catch {
    return false;
  }
}
