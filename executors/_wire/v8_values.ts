/** Values as bytes, for a process: what `structuredClone()` would return arrives. @module */

import { Deserializer, Serializer } from "node:v8";
import { fateOf, type Medium, RefusedError } from "./medium.ts";
import { visitObjects } from "./visit_objects.ts";

/** Processes, by a stream of bytes. */
export const PROCESSES: Medium = {
  verdict: "cannot cross between processes",
  accepts(value: unknown): boolean {
    try {
      deserialize(serialize(value));
      return true;
    } catch {
      return false;
    }
  },
};

/** What the types leave out, though it is documented. */
interface RawSerializer extends Serializer {
  _setTreatArrayBufferViewsAsHostObjects(flag: boolean): void;
}

/** What is written of a `DOMException`, which the engine takes for an error without a name. */
interface ExceptionParts {
  /** The exception itself: the copy is an error, wherever in the value it is. */
  readonly error: Error;
  readonly name: string;
  readonly message: string;
}

// A task may put its own in place of these.
const clone = structuredClone;
const Exception = DOMException;
const { apply } = Reflect;
const getterOf = (name: string) =>
  Object.getOwnPropertyDescriptor(Exception.prototype, name)?.get as () => string;
const nameOf = getterOf("name");
const messageOf = getterOf("message");

const NOTHING = new Uint8Array(0);

/**
 * A value as bytes, with others before them.
 *
 * @throws {RefusedError} when it cannot cross.
 */
export function serialize(value: unknown, before: Uint8Array = NOTHING): Uint8Array {
  try {
    const serializer = new Serializer() as RawSerializer;
    // As their buffers, each once and whole, however many views it has.
    serializer._setTreatArrayBufferViewsAsHostObjects(false);
    serializer.writeRawBytes(before);
    serializer.writeHeader();
    const { plain, exceptions } = prepare(value);
    serializer.writeUint32(exceptions.length);
    serializer.writeValue(exceptions.length === 0 ? plain : [plain, exceptions]);
    return serializer.releaseBuffer();
  } catch (cause) {
    throw cause instanceof RefusedError ? cause : new RefusedError(PROCESSES, cause);
  }
}

/** The value of bytes; nothing in it refers to them. */
export function deserialize(bytes: Uint8Array): unknown {
  const deserializer = new Deserializer(bytes);
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

function prepare(value: unknown): Prepared {
  const exceptions: ExceptionParts[] = [];
  const visitedAll = visitObjects(value, [], (object) => {
    const parts = partsOf(object);
    if (parts !== undefined) exceptions[exceptions.length] = parts;
    else if (!(object instanceof Error) && fateOf(object) !== "emptied") {
      throw new RefusedError(PROCESSES);
    }
  });
  // A clone has what getters return, which is asked for once.
  return visitedAll ? { plain: value, exceptions } : prepare(clone(value));
}

function partsOf(object: object): ExceptionParts | undefined {
  if (!(object instanceof Exception)) return undefined;
  try {
    // Not its properties, which a subclass may have changed.
    return {
      error: object,
      name: apply(nameOf, object, []),
      message: apply(messageOf, object, []),
    };
  } catch {
    // It has the prototype without being one.
    return undefined;
  }
}

// In place, as anything in the value may refer to it.
function revive({ error, name, message }: ExceptionParts): void {
  // It was met more than once.
  if (error instanceof Exception) return;
  const exception = new Exception(message, name);
  Object.setPrototypeOf(error, Exception.prototype);
  for (const symbol of Object.getOwnPropertySymbols(exception)) {
    const property = Object.getOwnPropertyDescriptor(exception, symbol);
    if (property !== undefined) Object.defineProperty(error, symbol, property);
  }
  // Between threads it is lost as well.
  delete error.cause;
}
