/** The class names of errors, including errors thrown in workers. @module */

// A proxy can have an endless prototype chain.
const MAX_CLASSES = 100;

const remembered = new WeakMap<object, readonly string[]>();

/** Remembers the class names that an error had in its worker. */
export function rememberClasses(error: object, classes: readonly string[]): void {
  remembered.set(error, classes);
}

/** The class names of an error, base classes included: the remembered ones, otherwise its own. */
export function classNamesOf(error: unknown): readonly string[] {
  if (typeof error !== "object" || error === null) return [];
  return remembered.get(error) ?? ownClassNames(error);
}

/** The class names of an object in this realm, base classes included. */
export function ownClassNames(error: object): string[] {
  const names: string[] = [];
  try {
    for (let at = Object.getPrototypeOf(error); at !== null; at = Object.getPrototypeOf(at)) {
      if (names.length === MAX_CLASSES) break;
      const name = Object.getOwnPropertyDescriptor(at, "constructor")?.value?.name;
      if (typeof name === "string" && name !== "") names.push(name);
    }
  } catch {
    // A proxy or an accessor has thrown; the names read so far are kept.
  }
  return names;
}
