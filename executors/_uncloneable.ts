/** Finds out what of a value cannot be cloned, once cloning has failed. @module */

interface Offender {
  readonly path: string;
  readonly type: string;
}

/** The error of a call whose arguments cannot be sent; `cause` is what sending failed with. */
export function argumentError(name: string, args: readonly unknown[], cause: unknown): Error {
  for (const [index, arg] of args.entries()) {
    const found = offenderIn(arg, `args[${index}]`);
    if (found === undefined) continue;
    return dataCloneError(
      `Argument ${index + 1} of ${name} cannot be sent to a worker: ${sentence(found)}`,
    );
  }
  return dataCloneError(`The arguments of ${name} cannot be sent to a worker: ${reasonOf(cause)}`);
}

/** The error of a call whose result cannot be sent. */
export function resultError(name: string, result: unknown, cause: unknown): Error {
  const found = offenderIn(result, "result");
  const why = found === undefined ? reasonOf(cause) : sentence(found);
  return dataCloneError(`The result of ${name} cannot be sent from its worker: ${why}`);
}

function dataCloneError(message: string): Error {
  return new DOMException(message, "DataCloneError");
}

function sentence({ path, type }: Offender): string {
  return `${path} is ${type}, which cannot be cloned`;
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function offenderIn(
  value: unknown,
  path: string,
  above = new Set<unknown>(),
): Offender | undefined {
  if (isCloneable(value) || above.has(value)) return undefined;
  above.add(value);
  for (const [step, child] of childrenOf(value)) {
    const found = offenderIn(child, path + step, above);
    if (found !== undefined) return found;
  }
  return { path, type: typeOf(value) };
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

function* childrenOf(value: unknown): Iterable<[string, unknown]> {
  if (typeof value !== "object" || value === null) return;
  if (value instanceof Map) {
    for (const item of value.values()) yield [" (a value of a Map)", item];
  } else if (value instanceof Set) {
    for (const item of value) yield [" (an item of a Set)", item];
  } else {
    for (const [key, { value: item }] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
      yield [Array.isArray(value) ? `[${key}]` : `.${key}`, item];
    }
  }
}

function typeOf(value: unknown): string {
  if (typeof value === "function") return `a function (${value.name || "anonymous"})`;
  if (typeof value !== "object" || value === null) return `a ${typeof value}`;
  const name = Object.getPrototypeOf(value)?.constructor?.name;
  return `an object of type ${name ?? "unknown"}`;
}
