/** Tells a display what the program prints to its terminal. @module */

import process from "node:process";
import { show } from "../_base/check.ts";

/** Is told of everything that is printed. */
export interface PrintListener {
  /** Text is about to be printed, or input asked for; without bytes, by whole lines. */
  printing(bytes?: Uint8Array): void;
  /** The printing has ended. */
  printed(): void;
}

type AnyFunction = (...args: never[]) => unknown;

const TO_STDERR = ["warn", "error", "trace", "countReset", "timeLog", "timeEnd"];
const TO_STDOUT = [
  ...["log", "debug", "info", "dir", "dirxml", "table", "count"],
  ...["group", "groupCollapsed", "clear"],
];
const ASKS = ["alert", "confirm", "prompt"];

const listeners = new Set<PrintListener>();
let stopListening = (): void => {};

/**
 * Replaces the functions that print to a terminal until the returned function is called: those of `console`,
 * `Deno.stdout`, `Deno.stderr`, `process.stdout` and `process.stderr`. What the program has replaced meanwhile
 * stays as it is.
 */
export function listenToPrinting(listener: PrintListener): () => void {
  if (listeners.size === 0) stopListening = replaceAll();
  listeners.add(listener);
  return () => {
    if (listeners.delete(listener) && listeners.size === 0) stopListening();
  };
}

function replaceAll(): () => void {
  const replaced = new Replacements();
  const outputs = [
    { deno: Deno.stdout, node: () => process.stdout },
    { deno: Deno.stderr, node: () => process.stderr },
  ].filter(({ deno }) => deno.isTerminal());
  if (Deno.stdout.isTerminal()) {
    for (const name of TO_STDOUT) {
      replaced.add(console, name, heard);
    }
  }
  if (outputs.length > 0) {
    for (const name of TO_STDERR) replaced.add(console, name, heard);
    for (const name of ASKS) replaced.add(globalThis, name, heard);
    replaced.add(console, "assert", (assert) => unlessTrue(heard(assert)));
  }
  for (const { deno, node } of outputs) {
    replaced.add(deno, "writeSync", heardBytes);
    replaced.add(deno, "write", heardBytes);
    replaced.add(node(), "write", (write) => writesTo(deno, write));
  }
  return () => replaced.undo();
}

function heard(print: AnyFunction): AnyFunction {
  return function (this: unknown, ...args: never[]) {
    return during(() => Reflect.apply(print, this, args));
  };
}

// An assertion that holds prints nothing.
function unlessTrue(assert: AnyFunction): AnyFunction {
  return function (this: unknown, ...args: never[]) {
    return args[0] ? undefined : Reflect.apply(assert, this, args);
  };
}

function heardBytes(write: AnyFunction): AnyFunction {
  return function (this: unknown, bytes: never) {
    return during(() => Reflect.apply(write, this, [bytes]), bytes);
  };
}

/** Prints while all listeners know of it; an async function prints until its promise settles. */
function during(print: () => unknown, bytes?: Uint8Array): unknown {
  const told = [...listeners];
  for (const listener of told) listener.printing(bytes);
  const end = () => {
    for (const listener of told) listener.printed();
  };
  let result: unknown;
  try {
    return result = print();
  } finally {
    if (result instanceof Promise) result.then(end, end);
    else end();
  }
}

// On a terminal, process.stdout writes later, on top of what is drawn meanwhile.
function writesTo(deno: typeof Deno.stdout, write: AnyFunction): AnyFunction {
  return function (this: unknown, ...args: never[]) {
    const [chunk, encoding]: unknown[] = args;
    // Not imported: every program that imports the package would load it.
    const { Buffer } = process.getBuiltinModule("node:buffer");
    const bytes = typeof chunk === "string"
      ? Buffer.from(chunk, typeof encoding === "string" ? encoding as "utf8" : "utf8")
      : chunk;
    if (!(bytes instanceof Uint8Array)) return Reflect.apply(write, this, args);
    writeAll(deno, bytes);
    const written = args.find((arg) => typeof arg === "function");
    if (written !== undefined) process.nextTick(written);
    return true;
  };
}

/** Writes all bytes to a stream; throws if it takes none, because it would be asked forever. */
export function writeAll(stream: Pick<typeof Deno.stdout, "writeSync">, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    const written = stream.writeSync(bytes.subarray(at));
    if (!(written > 0)) throw new TypeError(`writeSync() must write bytes, not ${show(written)}`);
    at += written;
  }
}

/** Functions that were replaced in objects. */
class Replacements {
  readonly #undo: (() => void)[] = [];
  #isActive = true;

  /** Replaces a function while this is active. */
  add(object: object, name: string, replacementOf: (original: AnyFunction) => AnyFunction): void {
    const target = object as Record<string, unknown>;
    const original = target[name];
    if (typeof original !== "function") return;
    const own = Object.getOwnPropertyDescriptor(target, name);
    const replacement = replacementOf(original as AnyFunction);
    const isActive = () => this.#isActive;
    // A function of the program may go on calling this one afterwards.
    const value = function (this: unknown, ...args: never[]): unknown {
      return Reflect.apply(isActive() ? replacement : original, this, args);
    };
    Object.defineProperty(value, "name", { value: name });
    const { enumerable = true } = own ?? {};
    const changed = { configurable: true, enumerable, writable: true, value };
    if (!Reflect.defineProperty(target, name, changed)) return;
    this.#undo.push(() => {
      if (target[name] !== value) return;
      if (own === undefined) Reflect.deleteProperty(target, name);
      else Reflect.defineProperty(target, name, own);
    });
  }

  undo(): void {
    this.#isActive = false;
    for (const undo of this.#undo) undo();
  }
}
