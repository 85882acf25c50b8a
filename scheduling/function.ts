/**
 * The functions that can be submitted: plain functions, which cross to a worker as source text, and
 * functions of a module, which the worker imports.
 *
 * @module
 */

import { checkFunction, show } from "./_base/check.ts";
import { compile } from "./_base/compile.ts";

/**
 * A function that can be submitted.
 *
 * It is either a function of a module, made by {@linkcode fromModule}, or a plain function. In a
 * worker, a plain function must be self-contained: it may use its parameters, its own locals,
 * itself by its name, globals and `await import("npm:…")`. Neither kind has a `this`, and generator
 * functions are refused.
 *
 * A helper that passes functions on takes them as `TaskFunction<A, R>`. A generic function becomes
 * a task for the constraints of its type parameters; instantiate it for other types:
 * `scheduler.task(first<number>)`.
 *
 * @example Declare the type of a function
 * ```ts
 * import { Scheduler, type TaskFunction } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const double: TaskFunction<[n: number], number> = (n) => n * 2;
 *
 * const scheduler = Scheduler.withWorkers(1);
 * const task = scheduler.task(double);
 * const results: number[] = [];
 * scheduler.onStart(() => {
 *   task.submit(21);
 * });
 * task.onResult((_future, n) => results.push(n));
 * await scheduler.run();
 * assertEquals(results, [42]);
 * ```
 *
 * @typeParam Args The arguments.
 * @typeParam R The result, or a promise of it.
 *
 * @category Tasks
 */
// deno-lint-ignore no-explicit-any -- any function may be submitted, whatever it takes
export type TaskFunction<Args extends unknown[] = any[], R = unknown> =
  & ((this: void, ...args: Args) => R)
  & Submittable<R>;

/**
 * Shown in a compiler error: nothing would receive the values of a generator function.
 *
 * @internal
 */
export interface NoGenerator {
  /** Types only, never present. */
  readonly "~remedy": "return an array, or submit once for each value";
}

/**
 * Constrains a function with the result `R`: it must not be a generator function.
 *
 * @internal
 */
export type Submittable<R> = 0 extends 1 & R ? unknown
  : [Awaited<R>] extends [never] ? unknown
  : Awaited<R> extends Generator | AsyncGenerator ? NoGenerator
  : unknown;

/**
 * What a worker needs to create a function: its source text, or the module that exports it.
 *
 * @example Find the module of a function
 * ```ts
 * import { fromModule, type FunctionSource, functionSource } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const url = import.meta.resolve("./train.ts");
 * const { train } = fromModule<{ train(): number }>(url);
 * const source: FunctionSource = functionSource(train);
 * assertEquals(source, { kind: "module", name: "train", url });
 * ```
 *
 * @category Executors
 */
export type FunctionSource =
  | { readonly kind: "source"; readonly name: string; readonly source: string }
  | { readonly kind: "module"; readonly name: string; readonly url: string };

/**
 * References to the functions that a module exports, each returning a promise.
 *
 * @example Call a module without workers
 * ```ts
 * import { fromModule, type ModuleFunctions } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * type Train = { train(depth: number): number };
 * const work: ModuleFunctions<Train> = fromModule<Train>(
 *   "data:text/javascript,export const train = (depth) => 1 / depth;",
 * );
 * assertEquals(await work.train(4), 0.25);
 * ```
 *
 * @typeParam M The type of the module, as `typeof import("./train.ts")`.
 *
 * @category Tasks
 */
export type ModuleFunctions<M> = {
  readonly [
    // deno-lint-ignore no-explicit-any -- selects the exports that are functions
    K in keyof M as M[K] extends (...args: any[]) => any ? K : never
  ]: M[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never;
};

const NATIVE = /\{\s*\[native code\]\s*\}\s*$/;
const BOUND = /^bound /;
// The platform reads these when an object is awaited, printed or serialized.
const NO_REFERENCES: ReadonlySet<string> = new Set(["then", "toJSON", "toString", "valueOf"]);

const moduleFunctions = new WeakMap<TaskFunction, FunctionSource>();
const described = new WeakMap<TaskFunction, FunctionSource>();

/**
 * Makes references to the functions of a module, which can be submitted like plain functions. They
 * may use imports, constants and each other, because each worker imports the whole module, once.
 *
 * Calling a reference imports the module in this thread and calls the function. The object has a
 * reference for every name except `then`, `toJSON`, `toString` and `valueOf`, so that an async
 * function can return it. A name that the module does not export fails when its reference is
 * called.
 *
 * @typeParam M The type of the module.
 * @param url The module's absolute URL: `import.meta.resolve("./train.ts")`.
 * @returns an object with a reference under the name of each exported function.
 * @throws {TypeError} when the URL is not absolute. If the module cannot be loaded or lacks the
 * function, the future fails with `ModuleLoadError`, and the next call loads the module again.
 *
 * @example Submit a function of a module
 * ```ts
 * import { fromModule, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * // In a program: fromModule<typeof import("./train.ts")>(import.meta.resolve("./train.ts"))
 * const work = fromModule<{ train(depth: number): number }>(
 *   "data:text/javascript,export const train = (depth) => 1 / depth;",
 * );
 *
 * const scheduler = Scheduler.withWorkers(2);
 * const task = scheduler.task(work.train);
 * scheduler.onStart(() => {
 *   task.submit(4);
 * });
 * task.onResult((_future, score) => assertEquals(score, 0.25));
 * await scheduler.run();
 * ```
 *
 * @category Tasks
 */
export function fromModule<M>(url: string | URL): ModuleFunctions<M> {
  const href = absolute(url);
  const references = new Map<string, TaskFunction>();
  const reference = (_target: object, name: string | symbol) => {
    if (typeof name === "symbol" || NO_REFERENCES.has(name)) return undefined;
    if (!references.has(name)) references.set(name, moduleFunction(href, name));
    return references.get(name);
  };
  return new Proxy(Object.create(null), { get: reference });
}

function absolute(url: string | URL): string {
  const isText = typeof url === "string" || url instanceof URL;
  if (isText && URL.canParse(String(url))) return String(url);
  throw new TypeError(
    `fromModule() takes the absolute URL of a module, not ${show(url)}: ` +
      `pass import.meta.resolve("./module.ts")`,
  );
}

function moduleFunction(url: string, name: string): TaskFunction {
  const reference = async (...args: unknown[]) => {
    // Not imported statically, because most programs call such functions in workers alone.
    const { loadExport } = await import("./_base/load_export.ts");
    return (await loadExport(url, name))(...args);
  };
  Object.defineProperty(reference, "name", { value: name });
  reference.toString = () => `${name} of ${url}`;
  moduleFunctions.set(reference, { kind: "module", name, url });
  return reference;
}

/**
 * Describes a function for a worker. Use it in an executor that runs functions elsewhere.
 *
 * @param fn The function.
 * @returns its source text or its module; the same record each time.
 * @throws {TypeError} when the function cannot run elsewhere: a native or bound function, a class,
 * a generator function, or a function that does not compile on its own.
 *
 * @example The source of a plain function
 * ```ts
 * import { functionSource } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const double = (n: number) => n * 2;
 * assertEquals(functionSource(double), { kind: "source", name: "double", source: "(n)=>n * 2" });
 * ```
 *
 * @category Executors
 */
export function functionSource(fn: TaskFunction): FunctionSource {
  const known = moduleFunctions.get(fn) ?? described.get(fn);
  if (known !== undefined) return known;
  checkFunction("What crosses to a worker", fn);
  const source = Function.prototype.toString.call(fn);
  refuse(fn, source);
  const record: FunctionSource = { kind: "source", name: functionName(fn), source };
  described.set(fn, record);
  return record;
}

/**
 * A function that stands for another one, which `functionSource()` describes so: for a program that passes on
 * what it does not call.
 */
export function functionOf(source: FunctionSource): TaskFunction {
  if (source.kind === "module") return moduleFunction(source.url, source.name);
  const standIn = () => {
    throw new TypeError(`${source.name || "The function"} can be called in a worker alone`);
  };
  described.set(standIn, source);
  return standIn;
}

/** The name of a function; empty when it has none. */
export function functionName(fn: { readonly name: unknown }): string {
  return typeof fn.name === "string" ? fn.name : "";
}

/** A function as the tree shows it: its name and module, or its source in one line. */
export function functionText(fn: TaskFunction): string {
  const known = moduleFunctions.get(fn);
  const text = known ? String(fn) : Function.prototype.toString.call(fn);
  return text.replace(/\s+/g, " ").trim();
}

function refuse(fn: TaskFunction, source: string): void {
  if (NATIVE.test(source)) {
    throw BOUND.test(functionName(fn))
      ? refusal(fn, "a bound function", "pass what it is bound to as an argument")
      : refusal(
        fn,
        "native code, which has no source",
        "wrap it in an arrow function that calls it",
      );
  }
  if (isClass(fn, source)) {
    throw refusal(fn, "a class", "wrap it in an arrow function with the class inside");
  }
  if (isGenerator(fn)) {
    throw refusal(fn, "a generator function", "return an array, or submit once for each value");
  }
  try {
    compile(source, functionName(fn));
  } catch (cause) {
    const what = `code that does not compile on its own (${(cause as Error).message})`;
    throw refusal(fn, what, "put it into a module and use fromModule()", cause);
  }
}

function refusal(fn: TaskFunction, what: string, remedy: string, cause?: unknown): TypeError {
  const name = functionName(fn).replace(BOUND, "") || "(anonymous)";
  return new TypeError(`Cannot send ${name} to a worker: it is ${what}; ${remedy}`, { cause });
}

// Both tests are needed: a method may be named "class", and a function may be frozen.
function isClass(fn: TaskFunction, source: string): boolean {
  return /^(class|@)/.test(source) &&
    Object.getOwnPropertyDescriptor(fn, "prototype")?.writable === false;
}

function isGenerator(fn: TaskFunction): boolean {
  const tag = (fn as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  return tag === "GeneratorFunction" || tag === "AsyncGeneratorFunction";
}
