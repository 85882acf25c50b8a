/** The names of the classes of errors, wherever they were thrown. @module */

// A prototype chain without an end must not keep anybody.
const MAX_CLASSES = 100;

const remembered = new WeakMap<object, readonly string[]>();

/** Remembers the names that the classes of an error had in the worker that it comes from. */
export function rememberClasses(error: object, classes: readonly string[]): void {
  remembered.set(error, classes);
}

/** The names of the classes of an error, base classes included: those that were remembered, else its own. */
export function classNamesOf(error: unknown): readonly string[] {
  if (typeof error !== "object" || error === null) return [];
  return remembered.get(error) ?? ownClassNames(error);
}

/** The names of the classes that an object has in this realm, whatever it is. */
export function ownClassNames(error: object): string[] {
  const names: string[] = [];
  try {
    for (let at = Object.getPrototypeOf(error); at !== null; at = Object.getPrototypeOf(at)) {
      if (names.length === MAX_CLASSES) break;
      const name = Object.getOwnPropertyDescriptor(at, "constructor")?.value?.name;
      if (typeof name === "string" && name !== "") names.push(name);
    }
  } catch {
    // A proxy or an accessor: what was read until then is known.
  }
  return names;
}
