/** Finds out what of a value cannot be cloned, once cloning has failed. @module */

interface Offender {
  readonly path: string;
  readonly type: string;
}

// Deeper ones are found to be somewhere inside.
const MAX_DEPTH = 32;

/** The call whose arguments cannot be sent. */
export interface UnsentCall {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly transfer: readonly Transferable[];
}

/** The error of a call whose arguments cannot be sent; `cause` is what sending failed with. */
export function argumentError({ name, args, transfer }: UnsentCall, cause: unknown): Error {
  for (const [index, arg] of args.entries()) {
    const found = findOffender(arg, `args[${index}]`, transfer);
    if (found === undefined) continue;
    const message = `Argument ${index + 1} of ${name} cannot be sent to a worker: ${
      sentence(found)
    }`;
    return dataCloneError(message, cause);
  }
  const message = `The arguments of ${name} cannot be sent to a worker: ${reasonOf(cause)}`;
  return dataCloneError(message, cause);
}

/** The error of a value that cannot be shared. */
export function sharingError(value: unknown, cause: unknown): Error {
  const found = findOffender(value, "value", []);
  const why = found === undefined ? reasonOf(cause) : sentence(found);
  return dataCloneError(`What is shared cannot be sent to a worker: ${why}`, cause);
}

/** The error of a call whose result cannot be sent. */
export function resultError(name: string, result: unknown, cause: unknown): Error {
  const found = findOffender(result, "result", []);
  const why = found === undefined ? reasonOf(cause) : sentence(found);
  return dataCloneError(`The result of ${name} cannot be sent from its worker: ${why}`, cause);
}

/** The error of a call whose result this side cannot read; `cause` is what reading failed with. */
export function unreadableResultError(name: string, cause: unknown): Error {
  const why = `${reasonOf(cause)}, as it is when values are nested too deeply`;
  return dataCloneError(`The result of ${name} cannot be read from its worker: ${why}`, cause);
}

// A hostile value, such as a proxy, may throw whatever is asked of it.
function findOffender(
  value: unknown,
  path: string,
  moved: readonly unknown[],
): Offender | undefined {
  try {
    return offenderIn(value, path, new Set(moved));
  } catch {
    return { path, type: "a value that cannot be read" };
  }
}

function dataCloneError(message: string, cause: unknown): Error {
  const error = new DOMException(message, "DataCloneError");
  return Object.defineProperty(error, "cause", { value: cause, configurable: true });
}

function sentence({ path, type }: Offender): string {
  return `${path} is ${type}, which cannot be cloned`;
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : "it was refused";
}

function offenderIn(value: unknown, path: string, passed: Set<unknown>): Offender | undefined {
  if (passed.has(value) || isCloneable(value)) return undefined;
  passed.add(value);
  let children = 0;
  for (const [step, child] of passed.size > MAX_DEPTH ? [] : childrenOf(value)) {
    children++;
    const found = offenderIn(child, path + step, passed);
    if (found !== undefined) return found;
  }
  // A list or record of things that pass is refused for what it is to move alone.
  const holdsMoved = children > 0 && isPlainContainer(value);
  return holdsMoved && passed.size <= MAX_DEPTH ? undefined : { path, type: typeOf(value) };
}

function isPlainContainer(value: unknown): boolean {
  return Array.isArray(value) || value instanceof Map || value instanceof Set ||
    Object.getPrototypeOf(value) === Object.prototype;
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
  const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
  const moved = buffer instanceof ArrayBuffer && buffer.detached ? ", moved before" : "";
  return `an object of type ${name ?? "unknown"}${moved}`;
}
