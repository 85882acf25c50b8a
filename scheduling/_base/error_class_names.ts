/** The class names that errors had in the worker that they come from. @module */

const names = new WeakMap<object, readonly string[]>();

/** Remembers the names of the classes of an error, base classes included. */
export function rememberClasses(error: object, classes: readonly string[]): void {
  names.set(error, classes);
}

/** The names that were remembered; none for an error of this thread. */
export function classNamesOf(error: unknown): readonly string[] {
  return (typeof error === "object" && error !== null && names.get(error)) || [];
}
