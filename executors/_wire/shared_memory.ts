/** Copies values to be shared, with their buffers in shared or own memory. @module */

import { checkObjects, isPrimitive } from "../../scheduling/_base/medium.ts";
import { sharingError } from "../../scheduling/_base/uncloneable.ts";

type Replace = (value: unknown) => unknown;
type CopyBuffer = (buffer: ArrayBufferLike) => ArrayBufferLike;
type MakeView = new (buffer: ArrayBufferLike, offset: number, length?: number) => ArrayBufferView;

// The widest item of any view, in bytes.
const LARGEST_ITEM = 8;

/**
 * Copies a value for this thread.
 *
 * @throws {DOMException} `DataCloneError` if it cannot be cloned. The other two functions throw it as well.
 */
export function copyToShare(value: object): object {
  try {
    checkObjects(value);
    return structuredClone(value);
  } catch (cause) {
    throw sharingError(value, cause);
  }
}

/** Copies a value for threads, with its buffers in shared memory, so that threads need no copies. */
export function copyToSharedMemory(value: object): object {
  return replaceBuffers(
    copyToShare(value),
    (buffer) => buffer instanceof ArrayBuffer ? sharedCopy(buffer) : buffer,
  );
}

/** Copies a value for processes, with no buffer in shared memory. */
export function copyToOwnMemory(value: object): object {
  return replaceBuffers(
    copyToShare(value),
    (buffer) => buffer instanceof ArrayBuffer ? buffer : ownCopy(buffer),
  );
}

// In place, so that arrays keep their holes and extra keys, and aliases stay aliases.
function replaceBuffers(value: object, copyBuffer: CopyBuffer): object {
  const replaced = new Map<object, object>();
  const pending = new Set<object>();
  const replace: Replace = (part) => {
    if (isPrimitive(part)) return part;
    const object = part as object;
    if (!isBuffer(object) && !ArrayBuffer.isView(object)) {
      pending.add(object);
      return object;
    }
    let replacement = replaced.get(object);
    if (replacement === undefined) {
      replacement = isBuffer(object)
        ? copyBuffer(object)
        : viewOf(replace(object.buffer) as ArrayBufferLike, object);
      replaced.set(object, replacement);
    }
    return replacement;
  };
  const result = replace(value) as object;
  // Iterating a set includes objects added meanwhile, each once.
  for (const object of pending) replaceParts(object, replace);
  return result;
}

function replaceParts(object: object, replace: Replace): void {
  if (object instanceof Map) {
    const entries = [...object];
    object.clear();
    for (const [key, value] of entries) object.set(replace(key), replace(value));
  } else if (object instanceof Set) {
    const items = [...object];
    object.clear();
    for (const item of items) object.add(replace(item));
  } else if (object instanceof Error) {
    if (Object.hasOwn(object, "cause")) object.cause = replace(object.cause);
  } else {
    replaceFields(object as Record<string, unknown>, replace);
  }
}

function replaceFields(object: Record<string, unknown>, replace: Replace): void {
  for (const key of Object.keys(object)) {
    const value = object[key];
    const replacement = replace(value);
    if (replacement !== value) object[key] = replacement;
  }
}

function viewOf(buffer: ArrayBufferLike, view: ArrayBufferView): ArrayBufferView {
  if (buffer === view.buffer) return view;
  const View = view.constructor as MakeView;
  return new View(buffer, view.byteOffset, fixedLengthOf(view));
}

// Undefined for a view that grows with its buffer. No property says so: try it.
function fixedLengthOf(view: ArrayBufferView): number | undefined {
  const { buffer, byteLength } = view;
  const { length = byteLength } = view as Partial<Uint8Array>;
  if (!(buffer instanceof ArrayBuffer) || !buffer.resizable) return length;
  const size = buffer.byteLength;
  buffer.resize(Math.min(buffer.maxByteLength, size + LARGEST_ITEM));
  const grows = view.byteLength !== byteLength;
  buffer.resize(size);
  return grows ? undefined : length;
}

function isBuffer(object: object): object is ArrayBufferLike {
  return object instanceof ArrayBuffer || object instanceof SharedArrayBuffer;
}

function sharedCopy(buffer: ArrayBuffer): SharedArrayBuffer {
  const { byteLength, resizable, maxByteLength } = buffer;
  const shared = resizable
    ? new SharedArrayBuffer(byteLength, { maxByteLength })
    : new SharedArrayBuffer(byteLength);
  new Uint8Array(shared).set(new Uint8Array(buffer));
  return shared;
}

function ownCopy(shared: ArrayBufferLike): ArrayBuffer {
  return new Uint8Array(new Uint8Array(shared)).buffer;
}
