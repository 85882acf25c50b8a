/** The objects that a clone of a value copies. @module */

// Remembering every object costs more than cloning it. Every eighth ends cycles too: of n objects, at
// most 8 * n are visited before all are remembered.
const REMEMBERED = 8;
// Listing the keys of a long array costs more than cloning it, so keys that are no index are visited in
// small values alone.
const SMALL = 1_000;

type Callback = (value: unknown, key: unknown) => void;

// A task may put its own in place of these, and would then have no result.
const { getOwnPropertyDescriptor, getPrototypeOf, hasOwn, keys } = Object;
const { isArray } = Array;
const { isView } = ArrayBuffer;
const { call } = Function.prototype;
const hasItem: (set: Set<unknown>, item: unknown) => boolean = call.bind(Set.prototype.has);
const addItem: (set: Set<unknown>, item: unknown) => void = call.bind(Set.prototype.add);
const forEachEntry: (map: object, visit: Callback) => void = call.bind(Map.prototype.forEach);
const forEachItem: (set: object, visit: Callback) => void = call.bind(Set.prototype.forEach);

/**
 * Visits the objects inside a value that are neither plain arrays nor records, each at least once. What
 * is in `excepted` is left out, and so is what getters would return.
 *
 * @returns whether there are no getters.
 */
export function visitObjects(
  value: unknown,
  excepted: readonly unknown[],
  visit: (object: object) => void,
): boolean {
  if (typeof value !== "object" || value === null) return true;
  const walk = new Walk(excepted);
  walk.add(value);
  walk.run(visit);
  return !walk.metGetter;
}

class Walk {
  metGetter = false;
  readonly #seen = new Set<unknown>();
  readonly #pending: object[] = [];
  #pendingCount = 0;
  #visits = 0;

  constructor(excepted: readonly unknown[]) {
    for (let index = 0; index < excepted.length; index++) addItem(this.#seen, excepted[index]);
  }

  add(part: unknown): void {
    if (typeof part === "object" && part !== null) this.#pending[this.#pendingCount++] = part;
  }

  run(visit: (object: object) => void): void {
    while (this.#pendingCount > 0) {
      const object = this.#pending[--this.#pendingCount] as object;
      if (hasItem(this.#seen, object)) continue;
      if (++this.#visits % REMEMBERED === 0) addItem(this.#seen, object);
      this.#visit(object, visit);
    }
  }

  #visit(object: object, visit: (object: object) => void): void {
    if (isArray(object)) return this.#addItems(object);
    if (isRecord(object)) return this.#addFields(object);
    visit(object);
    if (isView(object) || this.#addEntries(object)) return;
    if (object instanceof Error) this.#addField(object, "cause");
    else this.#addFields(object);
  }

  #addItems(list: readonly unknown[]): void {
    if (this.#visits + list.length <= SMALL) return this.#addFields(list);
    for (let index = 0; index < list.length; index++) {
      const item = list[index];
      // The list is sparse, and its length may be anything.
      if (item === undefined && !hasOwn(list, index)) return this.#addFields(list);
      this.add(item);
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
    this.add(field?.value);
  }

  #addEntries(object: object): boolean {
    const isMap = object instanceof Map;
    if (!isMap && !(object instanceof Set)) return false;
    try {
      // Not by its iterator, which a subclass may have changed.
      (isMap ? forEachEntry : forEachItem)(object, (value, key) => {
        this.add(key);
        this.add(value);
      });
      return true;
    } catch {
      // It has the prototype of a Map or Set without being one.
      return false;
    }
  }
}

function isRecord(object: object): boolean {
  const prototype = getPrototypeOf(object);
  return prototype === Object.prototype || prototype === null;
}
