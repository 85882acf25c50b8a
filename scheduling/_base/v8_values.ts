/** Serializes values for processes, which receive what `structuredClone()` would return. @module */

import process from "node:process";
import type { Serializer as V8Serializer } from "node:v8";
import { fateOf, type Medium, RefusedError } from "./medium.ts";
import { visitObjects } from "./visit_objects.ts";

/** Processes, by a stream of bytes. */
export const PROCESSES: Medium = {
  verdict: "cannot cross between processes",
  accepts(value: unknown): boolean {
    try {
      const buffers: ArrayBuffer[] = [];
      deserialize(serialize(value, buffers), buffers);
      return true;
    } catch {
      return false;
    }
  },
};

/** A documented method that the types lack. */
interface RawSerializer extends V8Serializer {
  _setTreatArrayBufferViewsAsHostObjects(flag: boolean): void;
}

/** The parts of a `DOMException`, which the engine would write as a nameless error. */
interface ExceptionParts {
  /** The exception itself, whose copy is an error, wherever it is in the value. */
  readonly error: Error;
  readonly name: string;
  readonly message: string;
}

// Kept, because tasks may replace them.
const clone = structuredClone;
const Exception = DOMException;
const { apply } = Reflect;
const nameOf = getterOf<string>(Exception.prototype, "name");
const messageOf = getterOf<string>(Exception.prototype, "message");

const { isView } = ArrayBuffer;
const bufferOfArray = getterOf<ArrayBufferLike>(
  Object.getPrototypeOf(Uint8Array.prototype),
  "buffer",
);
const bufferOfView = getterOf<ArrayBufferLike>(DataView.prototype, "buffer");
const sizeOf = getterOf<number>(ArrayBuffer.prototype, "byteLength");
const isResizable = getterOf<boolean>(ArrayBuffer.prototype, "resizable");

/** From how many bytes on a buffer counts as large: below, a copy of it costs no more than to send it alone. */
export const LARGE: number = 2 ** 16;

/** What only modules of the engine offer. */
interface Engine extends Pick<typeof import("node:v8"), "Serializer" | "Deserializer"> {
  isProxy(value: unknown): boolean;
}

let loaded: Engine | undefined;

/** Gives the parts of the engine, where they are imported: to look them up takes longer. */
export function useEngine(parts: Engine): void {
  loaded = parts;
}

/** Loads the parts of the engine, which are not imported statically: few programs have processes. */
export function loadEngine(): void {
  engine();
}

function engine(): Engine {
  if (loaded !== undefined) return loaded;
  const { Serializer, Deserializer } = process.getBuiltinModule("node:v8");
  const { isProxy } = process.getBuiltinModule("node:util").types;
  return loaded = { Serializer, Deserializer, isProxy };
}

/** Whether a value is a proxy, which the engine refuses to serialize. */
export function isProxy(value: unknown): boolean {
  return engine().isProxy(value);
}

const NOTHING = new Uint8Array(0);
const NONE: readonly ArrayBuffer[] = [];

/**
 * Serializes a value, behind the bytes `before`. If `buffers` is given, it takes the large buffers of the
 * value, of which the bytes then hold no copy.
 *
 * @throws {RefusedError} when it cannot cross.
 */
export function serialize(
  value: unknown,
  buffers?: ArrayBuffer[],
  before: Uint8Array = NOTHING,
): Uint8Array {
  try {
    const { plain, exceptions } = prepare(value, buffers);
    const { Serializer } = engine();
    const serializer = new Serializer() as RawSerializer;
    // Writes views as their buffers, each buffer once and whole.
    serializer._setTreatArrayBufferViewsAsHostObjects(false);
    serializer.writeRawBytes(before);
    serializer.writeHeader();
    for (let index = 0; index < (buffers?.length ?? 0); index++) {
      serializer.transferArrayBuffer(index, buffers?.[index] as ArrayBuffer);
    }
    serializer.writeUint32(exceptions.length);
    serializer.writeValue(exceptions.length === 0 ? plain : [plain, exceptions]);
    return serializer.releaseBuffer();
  } catch (cause) {
    throw cause instanceof RefusedError ? cause : new RefusedError(PROCESSES, cause);
  }
}

/** Deserializes a value, which refers to the large buffers that it was serialized with, but not to the bytes. */
export function deserialize(bytes: Uint8Array, buffers: readonly ArrayBuffer[] = NONE): unknown {
  const { Deserializer } = engine();
  const deserializer = new Deserializer(bytes);
  for (let index = 0; index < buffers.length; index++) {
    deserializer.transferArrayBuffer(index, buffers[index] as ArrayBuffer);
  }
  deserializer.readHeader();
  const count = deserializer.readUint32();
  const read = deserializer.readValue();
  if (count === 0) return read;
  const [value, exceptions] = read as [unknown, ExceptionParts[]];
  for (const exception of exceptions) revive(exception);
  return value;
}

interface Prepared {
  readonly plain: unknown;
  readonly exceptions: readonly ExceptionParts[];
}

function prepare(value: unknown, buffers: ArrayBuffer[] | undefined): Prepared {
  const exceptions: ExceptionParts[] = [];
  if (buffers !== undefined) buffers.length = 0;
  const { hasGetters } = visitObjects(value, [], (object) => {
    const parts = partsOf(object);
    if (parts !== undefined) exceptions[exceptions.length] = parts;
    else if (!(object instanceof Error) && fateOf(object) !== "emptied") {
      throw new RefusedError(PROCESSES);
    }
    if (buffers !== undefined) addLargeBuffer(object, buffers);
  });
  // Clones first, so that each getter is called only once.
  return hasGetters ? prepare(clone(value), buffers) : { plain: value, exceptions };
}

function addLargeBuffer(object: object, buffers: ArrayBuffer[]): void {
  const buffer = largeBufferOf(object);
  if (buffer === undefined) return;
  for (let index = 0; index < buffers.length; index++) if (buffers[index] === buffer) return;
  buffers[buffers.length] = buffer;
}

// Of fixed length, because a resizable buffer may shrink before it is sent.
function largeBufferOf(object: object): ArrayBuffer | undefined {
  const ofView = object instanceof DataView ? bufferOfView : bufferOfArray;
  if (!isView(object) && !(object instanceof ArrayBuffer)) return undefined;
  try {
    const buffer = isView(object) ? apply(ofView, object, []) : object;
    const isLarge = apply(sizeOf, buffer, []) >= LARGE && !apply(isResizable, buffer, []);
    return isLarge ? buffer as ArrayBuffer : undefined;
  } catch {
    // Shared memory, or an object with a foreign prototype.
    return undefined;
  }
}

function partsOf(object: object): ExceptionParts | undefined {
  if (!(object instanceof Exception)) return undefined;
  try {
    // By the original getters, because a subclass may have overridden them.
    return {
      error: object,
      name: apply(nameOf, object, []),
      message: apply(messageOf, object, []),
    };
  } catch {
    // An object with that prototype that is no exception.
    return undefined;
  }
}

// In place, because other parts of the value may refer to it.
function revive({ error, name, message }: ExceptionParts): void {
  // An exception may be listed more than once.
  if (error instanceof Exception) return;
  const exception = new Exception(message, name);
  Object.setPrototypeOf(error, Exception.prototype);
  for (const symbol of Object.getOwnPropertySymbols(exception)) {
    const property = Object.getOwnPropertyDescriptor(exception, symbol);
    if (property !== undefined) Object.defineProperty(error, symbol, property);
  }
  // Threads lose it as well.
  delete error.cause;
}

function getterOf<T>(prototype: object, name: string): () => T {
  return Object.getOwnPropertyDescriptor(prototype, name)?.get as () => T;
}
