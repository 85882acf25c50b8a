/** Describes values that cannot cross, with remedies, for error messages. @module */

import { isProxy } from "node:util/types";

const KINDS: ReadonlyMap<string, string> = new Map([
  ["Arguments", "an arguments object"],
  ["AsyncGenerator", "an async generator object"],
  ["Generator", "a generator object"],
  ["Headers", "a Headers object"],
  ["Promise", "a promise"],
]);

const STREAM = "pass what is read from it, or move it to a worker with transfer()";
const ITERATOR = "pass its items, [...iterator]";

const REMEDIES: ReadonlyMap<string, string> = new Map([
  ["function", "define it inside the function that calls it, or import it there"],
  ["symbol", "pass a string"],
  ["Arguments", "pass [...arguments]"],
  ["Array Iterator", ITERATOR],
  ["AsyncGenerator", "pass its items, await Array.fromAsync(generator)"],
  ["Blob", "pass its bytes, await blob.bytes()"],
  ["CryptoKey", "pass what crypto.subtle.exportKey() returns"],
  ["File", "pass its name and its bytes, await file.bytes()"],
  ["Future", "make it an argument of its own, or await it first"],
  ["Generator", "pass its items, [...generator]"],
  ["Headers", "pass [...headers]"],
  ["Iterator Helper", ITERATOR],
  ["Map Iterator", ITERATOR],
  ["MessagePort", "move it to a worker with transfer(); no port reaches a process"],
  ["Promise", "await it first"],
  ["Proxy", "pass a plain copy of it"],
  ["ReadableStream", STREAM],
  ["Request", "pass what is needed of it, such as its url"],
  ["Response", "pass what is needed of it, such as await response.bytes()"],
  ["Set Iterator", ITERATOR],
  ["SharedArrayBuffer", "pass a copy of it, or use workers, which can share memory"],
  ["TransformStream", STREAM],
  ["URL", "pass String(url)"],
  ["URLSearchParams", "pass String(params)"],
  ["WeakMap", "pass a Map"],
  ["WeakRef", "pass what its deref() returns"],
  ["WeakSet", "pass a Set"],
  ["WebAssembly.Memory", "pass a copy of its buffer"],
  ["WebAssembly.Module", "pass its bytes and compile them there"],
  ["WritableStream", STREAM],
]);

/** What a value is, with its article, and the remedy if one is known. */
export interface Description {
  readonly what: string;
  readonly remedy?: string | undefined;
}

/** Describes a value that cannot cross. */
export function describe(value: unknown): Description {
  if (typeof value === "function") {
    return { what: `a function (${value.name || "anonymous"})`, remedy: REMEDIES.get("function") };
  }
  if (typeof value !== "object" || value === null) {
    return { what: `a ${typeof value}`, remedy: REMEDIES.get(typeof value) };
  }
  const name = kindOf(value);
  // Returns before any property of the proxy is read, because it may be revoked.
  if (name === "Proxy") return { what: "a Proxy", remedy: REMEDIES.get(name) };
  const { state, remedy } = ofBuffer(value);
  return { what: `${withArticle(name)}${state}`, remedy: remedy ?? remedyOf(name, value) };
}

/** Whether an object is refused regardless of its content: a proxy, `arguments`, a module. */
export function isExotic(object: object): boolean {
  return ["Proxy", "Arguments", "Module"].includes(kindOf(object));
}

function kindOf(object: object): string {
  if (isProxy(object)) return "Proxy";
  const tag = Object.prototype.toString.call(object).slice("[object ".length, -1);
  return tag === "Object" ? Object.getPrototypeOf(object)?.constructor?.name || tag : tag;
}

function withArticle(name: string): string {
  return KINDS.get(name) ?? `${/^[AEIO]/.test(name) ? "an" : "a"} ${name}`;
}

function remedyOf(name: string, object: object): string | undefined {
  if (name.startsWith("Temporal.")) return "pass String(value)";
  if (/KeyObject$/.test(name) && "export" in object) return "pass what its export() returns";
  return REMEDIES.get(name);
}

function ofBuffer(object: object): { state: string; remedy?: string | undefined } {
  const buffer = ArrayBuffer.isView(object) ? object.buffer : object;
  if (buffer instanceof SharedArrayBuffer) {
    const state = buffer === object ? "" : " over shared memory";
    return { state, remedy: REMEDIES.get("SharedArrayBuffer") };
  }
  if (!(buffer instanceof ArrayBuffer)) return { state: "" };
  if (buffer.detached) return { state: " that was moved before" };
  return { state: buffer === object ? "" : " that ends behind its buffer" };
}
