/**
 * The canonical encoding of cloned values: equal values have the same bytes, different ones have others.
 *
 * The order of properties does not count; that of a Map or Set does. Two references to one object differ
 * from two equal objects. A typed array counts by its class and bytes, not by the buffer that it is in.
 *
 * @module
 */

import { Date } from "../../scheduling/_base/time.ts";
import type { ByteSink } from "./_hash.ts";

/** Objects that were met before: in which value, and as which object of it. */
export type Met = Map<object, { readonly root: number; readonly id: number }>;

/** A cloned value and where it stands. */
export interface Root {
  readonly value: unknown;
  /** The number of the value among those that may share objects. */
  readonly number: number;
  readonly met: Met;
  /** Whether memory that threads share counts as own memory, as in a value that was shared on purpose. */
  readonly ownsMemory: boolean;
}

/** An object has no canonical encoding. */
export class NoEncodingError extends Error {}

// Each kind of value has its own first byte.
const [UNDEFINED, NULL, TRUE, FALSE, NUMBER, BIGINT, STRING, REFERENCE, OTHER_REFERENCE] = kinds(0);
const [RECORD, DENSE, SPARSE, MAP, SET, DATE, REGEXP, BOXED, ERROR] = kinds(16);
const [EXCEPTION, VIEW, SHARED_VIEW, BUFFER, RESIZABLE, SHARED] = kinds(32);

type Kinds = [number, number, number, number, number, number, number, number, number];

function kinds(first: number): Kinds {
  return Array.from({ length: 9 }, (_, index) => first + index) as Kinds;
}

/** Writes a value that `structuredClone()` has returned. */
export function encode(root: Root, sink: ByteSink): void {
  new Encoder(root, sink).run();
}

class Encoder {
  readonly #root: Root;
  readonly #sink: ByteSink;
  // Not by recursion, because values may be nested deeply. The next one is the last.
  readonly #pending: unknown[] = [];
  #count = 0;

  constructor(root: Root, sink: ByteSink) {
    this.#root = root;
    this.#sink = sink;
  }

  run(): void {
    this.#pending.push(this.#root.value);
    while (this.#pending.length > 0) this.#write(this.#pending.pop());
  }

  #write(value: unknown): void {
    switch (typeof value) {
      case "number":
        this.#sink.byte(NUMBER);
        return this.#sink.number(value);
      case "string":
        return this.#texts(STRING, value);
      case "boolean":
        return this.#sink.byte(value ? TRUE : FALSE);
      case "bigint":
        return this.#texts(BIGINT, value.toString(16));
      case "undefined":
        return this.#sink.byte(UNDEFINED);
      default:
        return value === null ? this.#sink.byte(NULL) : this.#writeOnce(value as object);
    }
  }

  #writeOnce(value: object): void {
    const { met, number } = this.#root;
    const before = met.get(value);
    if (before === undefined) {
      met.set(value, { root: number, id: this.#count++ });
      return this.#writeObject(value);
    }
    this.#sink.byte(before.root === number ? REFERENCE : OTHER_REFERENCE);
    if (before.root !== number) this.#sink.number(before.root);
    this.#sink.number(before.id);
  }

  #writeObject(value: object): void {
    if (Object.getPrototypeOf(value) === Object.prototype) return this.#writeRecord(value);
    if (Array.isArray(value)) return this.#writeArray(value);
    if (ArrayBuffer.isView(value)) return this.#writeView(value);
    if (value instanceof Map) return this.#writeItems(MAP, [...value].flat());
    if (value instanceof Set) return this.#writeItems(SET, [...value]);
    if (value instanceof DOMException) return this.#texts(EXCEPTION, value.name, value.message);
    if (value instanceof Error) return this.#writeError(value);
    if (value instanceof RegExp) return this.#texts(REGEXP, value.source, value.flags);
    if (value instanceof Date) return this.#numbers(DATE, value.getTime());
    if (value instanceof ArrayBuffer) return this.#writeBuffer(value);
    if (value instanceof SharedArrayBuffer) return this.#writeShared(value);
    this.#writeBoxed(value);
  }

  #writeRecord(record: object): void {
    const names = Object.keys(record).sort();
    this.#numbers(RECORD, names.length);
    this.#writeFields(record, names);
  }

  #writeArray(list: readonly unknown[]): void {
    // Indices come first, in ascending order.
    const names = Object.keys(list);
    const isDense = list.length === 0 || names[list.length - 1] === String(list.length - 1);
    const others = (isDense ? names.slice(list.length) : names).sort();
    this.#numbers(isDense ? DENSE : SPARSE, list.length, others.length);
    this.#writeFields(list, others);
    if (isDense) this.#push(list);
  }

  // The names come before all values.
  #writeFields(object: object, names: readonly string[]): void {
    for (const name of names) this.#sink.text(name);
    this.#push(names.map((name) => Reflect.get(object, name)));
  }

  #writeItems(kind: number, items: readonly unknown[]): void {
    this.#numbers(kind, items.length);
    this.#push(items);
  }

  #writeError(error: Error): void {
    const parts = ["message", "cause"].filter((part) => Object.hasOwn(error, part));
    this.#texts(ERROR, error.name, parts.join());
    this.#push(parts.map((part) => Reflect.get(error, part)));
  }

  #writeView(view: ArrayBufferView): void {
    const isShared = view.buffer instanceof SharedArrayBuffer && !this.#root.ownsMemory;
    this.#texts(isShared ? SHARED_VIEW : VIEW, tagOf(view));
    this.#writeBytes(view.buffer, view.byteOffset, view.byteLength);
  }

  #writeBuffer(buffer: ArrayBuffer): void {
    if (buffer.resizable) this.#numbers(RESIZABLE, buffer.maxByteLength);
    else this.#sink.byte(BUFFER);
    this.#writeBytes(buffer, 0, buffer.byteLength);
  }

  #writeShared(buffer: SharedArrayBuffer): void {
    if (this.#root.ownsMemory) this.#sink.byte(BUFFER);
    else this.#numbers(SHARED, buffer.maxByteLength);
    this.#writeBytes(buffer, 0, buffer.byteLength);
  }

  #writeBytes(buffer: ArrayBufferLike, offset: number, length: number): void {
    this.#sink.number(length);
    this.#sink.bytes(new Uint8Array(buffer, offset, length));
  }

  #writeBoxed(value: object): void {
    const primitive: unknown = value.valueOf();
    if (typeof primitive === "object") throw new NoEncodingError(`No encoding: ${tagOf(value)}`);
    this.#sink.byte(BOXED);
    this.#write(primitive);
  }

  #texts(kind: number, ...texts: readonly string[]): void {
    this.#sink.byte(kind);
    for (const text of texts) this.#sink.text(text);
  }

  #numbers(kind: number, ...numbers: readonly number[]): void {
    this.#sink.byte(kind);
    for (const number of numbers) this.#sink.number(number);
  }

  #push(values: readonly unknown[]): void {
    for (let index = values.length - 1; index >= 0; index--) this.#pending.push(values[index]);
  }
}

function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}
