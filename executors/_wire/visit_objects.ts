/** The objects that a clone of a value copies. @module */

// Up to so many objects a value is small, and the cost of looking at it does not matter.
const SMALL = 1_000;
// Remembering every object of a large value costs as much as cloning it. Every eighth ends cycles, too:
// of n objects, at most 8 * n are visited before all are remembered.
const REMEMBERED = 8;
const MAX_DEPTH = 64;

type Callback = (value: unknown, key: unknown) => void;

// A task may put its own in place of these, and would then have no result.
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

/**
 * Visits the objects inside a value that are neither plain arrays nor records, each at least once; of a
 * class whose instances have no symbols, one may stand for others. What is in `excepted` is left out, and
 * so is what getters would return.
 *
 * @returns whether there are no getters.
 */
export function visitObjects(
  value: unknown,
  excepted: readonly unknown[],
  visit: (object: object) => void,
): boolean {
  if (typeof value !== "object" || value === null) return true;
  const walk = new Walk(excepted, visit);
  walk.run(value);
  return !walk.metGetter;
}

class Walk {
  metGetter = false;
  readonly #visit: (object: object) => void;
  readonly #seen = new Set<unknown>();
  // What is nested more deeply than the stack should be.
  readonly #deep: object[] = [];
  #depth = 0;
  #visits = 0;
  // That of a class whose instances are cloned by their fields: many in a row are of one class.
  #ordinary: object | undefined;

  constructor(excepted: readonly unknown[], visit: (object: object) => void) {
    for (let index = 0; index < excepted.length; index++) addItem(this.#seen, excepted[index]);
    this.#visit = visit;
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
    // By its keys, which may be others than indices; listing those of a long array takes too long.
    if (this.#visits + list.length < SMALL) return this.#addFields(list);
    for (let index = 0; index < list.length; index++) {
      const item = list[index];
      // The list is sparse, and its length may be anything.
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
    if (field?.get !== undefined) this.metGetter = true;
    this.#add(field?.value);
  }

  #addPartsOfInstance(object: object, prototype: object): void {
    if (isView(object) || this.#addEntries(object)) return;
    if (object instanceof Error) return this.#addField(object, "cause");
    if (getOwnPropertySymbols(object).length === 0) this.#ordinary = prototype;
    this.#addFields(object);
  }

  #addEntries(object: object): boolean {
    // Not by its iterator, which a subclass may have changed.
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

// An object may have the prototype of a Map without being one.
function hasSize(object: object, size: (() => number) | undefined): boolean {
  try {
    return size !== undefined && apply(size, object, []) >= 0;
  } catch {
    return false;
  }
}
