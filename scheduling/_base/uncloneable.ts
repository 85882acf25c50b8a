/** Makes errors for values that cannot cross, with the place of the part to blame. @module */

import { fateOf, isPrimitive, type Medium, RefusedError, SAME_THREAD, THREADS } from "./medium.ts";
import { describe, type Description, isExotic } from "./remedies.ts";

interface Offender extends Description {
  readonly path: string;
  /** What the medium cannot do with it. */
  readonly verdict: string;
}

// Beyond this depth the message only says "deeper".
const MAX_DEPTH = 32;
// Bounds the time for a large cycle, whose every part is refused: trying them all is quadratic.
const MAX_PASSED = 1_000;
// The engine reads some 2,500 levels, fewer on a filled stack.
const MAX_NESTING = 1_000;

/** The call whose arguments cannot be sent. */
export interface UnsentCall {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly transfer: readonly Transferable[];
}

/**
 * The error of a call whose arguments are refused; `cause` is the error of that attempt, and `verdict`
 * what cannot be done with the call.
 */
export function argumentError(
  { name, args, transfer }: UnsentCall,
  cause: unknown,
  verdict = "cannot be called",
): Error {
  for (const [index, arg] of args.entries()) {
    const found = findOffender(arg, transfer, cause);
    if (found === undefined) continue;
    const place = placeOf(`argument ${index + 1}`, found);
    return dataCloneError(`${name} ${verdict}: ${place}`, cause);
  }
  return dataCloneError(
    `${name} ${verdict}: its arguments cannot be cloned: ${reasonOf(cause)}`,
    cause,
  );
}

/** The error of a value that cannot be shared. */
export function sharingError(value: unknown, cause: unknown): Error {
  return valueError("The shared value", value, cause);
}

/** The error of a call whose result cannot be sent. */
export function resultError(name: string, result: unknown, cause: unknown): Error {
  return valueError(`The result of ${name}`, result, cause, "return");
}

/** The error of a call whose result cannot be read; `cause` is the error of reading. */
export function unreadableResultError(name: string, cause: unknown): Error {
  const reason = `${reasonOf(cause)}, as happens to values that are nested too deeply`;
  return dataCloneError(`The result of ${name} cannot be read: ${reason}`, cause);
}

/** The error of a value that is refused; `subject` says which it is, `verb` what to do with another. */
export function valueError(subject: string, value: unknown, cause: unknown, verb = "pass"): Error {
  const found = findOffender(value, [], cause);
  const message = found === undefined
    ? `${subject} cannot be cloned: ${reasonOf(cause)}`
    : placeOf(subject, { ...found, remedy: found.remedy?.replace(/^pass /, `${verb} `) });
  return dataCloneError(message, cause);
}

function placeOf(subject: string, { path, what, verdict, remedy }: Offender): string {
  const place = path === "" ? subject : `${subject}, at ${path.trimStart()},`;
  return `${place} is ${what}, which ${verdict}${remedy === undefined ? "" : `: ${remedy}`}`;
}

function reasonOf(cause: unknown): string {
  const reason = thrownBy(cause);
  return reason instanceof Error ? reason.message : "no reason was given";
}

function dataCloneError(message: string, cause: unknown): Error {
  const error = new DOMException(message, "DataCloneError");
  const value = thrownBy(cause);
  if (value !== undefined) Object.defineProperty(error, "cause", { value, configurable: true });
  return error;
}

function thrownBy(cause: unknown): unknown {
  return cause instanceof RefusedError ? cause.cause : cause;
}

// What the engine refuses comes first, because sending fails with its error.
function findOffender(
  value: unknown,
  moved: readonly unknown[],
  cause: unknown,
): Offender | undefined {
  const medium = cause instanceof RefusedError ? cause.medium : THREADS;
  const excepted = medium === THREADS ? moved : [];
  for (const each of medium === SAME_THREAD ? [medium] : new Set([ENGINE, THREADS, medium])) {
    const found = new Search(each, excepted).find(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** V8 alone, without the checks that the platform adds. */
const ENGINE: Medium = {
  verdict: THREADS.verdict,
  accepts(value: unknown): boolean {
    try {
      // In a list, because the platform checks only the class of the outermost object.
      structuredClone([value]);
      return true;
    } catch {
      return false;
    }
  },
};

/** Searches a value for the part that a medium refuses. */
class Search {
  readonly #medium: Medium;
  readonly #moved: ReadonlySet<unknown>;
  readonly #passed = new Set<unknown>();
  // Whether a container is refused for no fault of its own: it holds what moves, or is part of a cycle.
  #excused = false;

  constructor(medium: Medium, moved: readonly unknown[]) {
    this.#medium = medium;
    this.#moved = new Set(moved);
  }

  find(value: unknown): Offender | undefined {
    try {
      return this.#findIn(value, "", 0);
    } catch {
      // A hostile value may throw at any access.
      return this.#blame("", { what: "a value that cannot be read" });
    }
  }

  #findIn(value: unknown, path: string, depth: number): Offender | undefined {
    if (this.#moved.has(value) || this.#passed.has(value)) this.#excused = true;
    else if (!this.#accepts(value)) return this.#explain(value, path, depth);
    return undefined;
  }

  #accepts(value: unknown): boolean {
    return isPrimitive(value) || this.#medium.accepts(value);
  }

  #explain(value: unknown, path: string, depth: number): Offender | undefined {
    this.#passed.add(value);
    if (isRefusedWhole(value)) return this.#blame(path, describe(value));
    if (depth === MAX_DEPTH || this.#passed.size > MAX_PASSED) {
      return this.#blameInside(value, path);
    }
    const excusedBefore = this.#excused;
    this.#excused = false;
    const found = this.#findInChildren(value, path, depth);
    const excused = this.#excused;
    this.#excused ||= excusedBefore;
    return found ?? (excused ? undefined : this.#blame(path, describe(value)));
  }

  #findInChildren(value: unknown, path: string, depth: number): Offender | undefined {
    for (const { step, read } of childrenOf(value)) {
      let child: unknown;
      try {
        child = read();
      } catch (error) {
        return this.#blame(path + step, { what: `a getter that throws ${String(error)}` });
      }
      const found = this.#findIn(child, path + step, depth + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #blameInside(value: unknown, path: string): Offender {
    return isNestedDeeply(value)
      ? this.#blame("", { what: "nested too deeply", remedy: "pass a flat list in its place" })
      : this.#blame(path, { what: `${describe(value).what} that holds something deeper` });
  }

  #blame(path: string, description: Description): Offender {
    return { path, verdict: this.#medium.verdict, ...description };
  }
}

function isRefusedWhole(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return isExotic(value) || fateOf(value) === "refused";
}

interface Child {
  readonly step: string;
  /** Throws what a getter throws. */
  read(): unknown;
}

function* childrenOf(value: unknown): Iterable<Child> {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
  if (value instanceof Map) {
    for (const [key, item] of value) {
      yield { step: " (a key of a Map)", read: () => key };
      yield { step: " (a value of a Map)", read: () => item };
    }
  } else if (value instanceof Set) {
    for (const item of value) yield { step: " (an item of a Set)", read: () => item };
  } else {
    const keys = value instanceof Error ? ["cause"] : Object.keys(value);
    const fields = value as Record<string, unknown>;
    for (const key of keys) yield { step: stepTo(key, value), read: () => fields[key] };
  }
}

function stepTo(key: string, object: object): string {
  if (Array.isArray(object) && /^\d+$/.test(key)) return `[${key}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)
    ? `.${key}`
    : `[${JSON.stringify(key)}]`;
}

function isNestedDeeply(value: unknown): boolean {
  const met = new Set<unknown>();
  let level: unknown[] = [value];
  for (let depth = 0; depth < MAX_NESTING; depth++) {
    level = level.flatMap((each) => [...childrenOf(each)].map(({ read }) => read()))
      .filter((each) => !isPrimitive(each) && !met.has(each) && met.add(each));
    if (level.length === 0) return false;
  }
  return true;
}
