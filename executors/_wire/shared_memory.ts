/** Puts the buffers of a value into memory that threads share. @module */

type MakeView = new (buffer: ArrayBufferLike, offset: number, length: number) => ArrayBufferView;

const tagOf = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)?.get;

/**
 * The value with copies of its buffers in shared memory, so that threads need none of their own.
 * Lists, records, maps and sets on the way to a buffer are new ones; all else is left as it is.
 */
export function inSharedMemory(value: object): object {
  return new Mover().move(value) as object;
}

class Mover {
  // Views of one buffer stay views of one, and cycles end.
  readonly #moved = new Map<object, unknown>();

  move(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (this.#moved.has(value)) return this.#moved.get(value);
    // One that was moved elsewhere is left to be refused.
    if (value instanceof ArrayBuffer) {
      return value.detached ? value : this.#note(value, sharedCopy(value));
    }
    if (ArrayBuffer.isView(value)) return this.#note(value, this.#moveView(value));
    if (Array.isArray(value)) return this.#moveList(value);
    if (value instanceof Map) return this.#moveMap(value);
    if (value instanceof Set) return this.#moveSet(value);
    return Object.getPrototypeOf(value) === Object.prototype ? this.#moveRecord(value) : value;
  }

  #note<T>(value: object, moved: T): T {
    this.#moved.set(value, moved);
    return moved;
  }

  #moveView(view: ArrayBufferView): ArrayBufferView {
    const buffer = this.move(view.buffer) as ArrayBufferLike;
    if (buffer === view.buffer) return view;
    // Not its constructor, which may be that of a subclass.
    const name = tagOf?.call(view) ?? "DataView";
    const View = (globalThis as unknown as Record<string, MakeView>)[name] as MakeView;
    const { length = view.byteLength } = view as Partial<Uint8Array>;
    return new View(buffer, view.byteOffset, length);
  }

  #moveList(list: unknown[]): unknown[] {
    const moved: unknown[] = this.#note(list, []);
    for (const item of list) moved.push(this.move(item));
    return moved;
  }

  #moveMap(map: Map<unknown, unknown>): Map<unknown, unknown> {
    const moved = this.#note(map, new Map());
    for (const [key, item] of map) moved.set(this.move(key), this.move(item));
    return moved;
  }

  #moveSet(set: Set<unknown>): Set<unknown> {
    const moved = this.#note(set, new Set());
    for (const item of set) moved.add(this.move(item));
    return moved;
  }

  #moveRecord(record: object): object {
    const moved = this.#note(record, {});
    for (const [key, item] of Object.entries(record)) {
      // Not assigned, for a key may be `__proto__`.
      Object.defineProperty(moved, key, {
        value: this.move(item),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return moved;
  }
}

function sharedCopy(buffer: ArrayBuffer): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(buffer.byteLength);
  new Uint8Array(shared).set(new Uint8Array(buffer));
  return shared;
}
