/** The unsettled futures of a scheduler or a task, in the order of submission. @module */

import { defineInspect } from "./_base/inspect.ts";
import { cancellerOf, type Future } from "./future.ts";

/** What a future is queued by. It holds the links of both lists that it is in. */
export class QueueNode {
  queuePrev: QueueNode | undefined;
  queueNext: QueueNode | undefined;
  taskPrev: QueueNode | undefined;
  taskNext: QueueNode | undefined;
  future: Future | undefined;

  constructor(future?: Future) {
    this.future = future;
  }

  /** Whose submission it is. */
  get owner(): unknown {
    return undefined;
  }
}

const LINKS = {
  queue: ["queuePrev", "queueNext"],
  task: ["taskPrev", "taskNext"],
} as const;

/**
 * A linked list with the face of a set: a `Set` costs a third of all that a trivial call costs, and
 * twice the memory. A node that was removed has itself as the next and keeps the one before, so that
 * an iteration that stands on it finds its way back.
 */
export class FutureQueue<R = unknown, A extends unknown[] = unknown[]>
  implements ReadonlySet<Future<R, A>> {
  readonly #prev: "queuePrev" | "taskPrev";
  readonly #next: "queueNext" | "taskNext";
  readonly #owns: (node: QueueNode) => boolean;
  // Before the first and after the last.
  readonly #end = new QueueNode();
  #size = 0;

  /** `owns` tells whether a node that is in a list of this kind is in this one. */
  constructor(kind: keyof typeof LINKS, owns: (node: QueueNode) => boolean) {
    [this.#prev, this.#next] = LINKS[kind];
    this.#owns = owns;
    this.#end[this.#prev] = this.#end[this.#next] = this.#end;
  }

  /** How many futures there are. */
  get size(): number {
    return this.#size;
  }

  /** Puts a node to the end. */
  append(node: QueueNode): void {
    const last = this.#end[this.#prev] ?? this.#end;
    node[this.#prev] = last;
    node[this.#next] = this.#end;
    last[this.#next] = this.#end[this.#prev] = node;
    this.#size++;
  }

  /** Takes a node out. */
  remove(node: QueueNode): void {
    const [prev, next] = [node[this.#prev], node[this.#next]];
    if (prev === undefined || next === undefined || next === node) return;
    prev[this.#next] = next;
    next[this.#prev] = prev;
    node[this.#next] = node;
    this.#size--;
  }

  has(future: Future<R, A>): boolean {
    const node = cancellerOf(future);
    if (!(node instanceof QueueNode) || !this.#owns(node)) return false;
    const next = node[this.#next];
    return next !== undefined && next !== node;
  }

  *[Symbol.iterator](): SetIterator<Future<R, A>> {
    for (let node = this.#after(this.#end); node !== this.#end; node = this.#after(node)) {
      yield node.future as Future<R, A>;
    }
    return undefined;
  }

  values(): SetIterator<Future<R, A>> {
    return this[Symbol.iterator]();
  }

  keys(): SetIterator<Future<R, A>> {
    return this[Symbol.iterator]();
  }

  *entries(): SetIterator<[Future<R, A>, Future<R, A>]> {
    for (const future of this) yield [future, future];
    return undefined;
  }

  forEach(
    callback: (value: Future<R, A>, key: Future<R, A>, set: ReadonlySet<Future<R, A>>) => void,
    thisArg?: unknown,
  ): void {
    for (const future of this) callback.call(thisArg, future, future, this);
  }

  union<T>(other: ReadonlySetLike<T>): Set<Future<R, A> | T> {
    return new Set(this).union(other);
  }

  intersection<T>(other: ReadonlySetLike<T>): Set<Future<R, A> & T> {
    return new Set(this).intersection(other);
  }

  difference<T>(other: ReadonlySetLike<T>): Set<Future<R, A>> {
    return new Set(this).difference(other);
  }

  symmetricDifference<T>(other: ReadonlySetLike<T>): Set<Future<R, A> | T> {
    return new Set(this).symmetricDifference(other);
  }

  isSubsetOf(other: ReadonlySetLike<unknown>): boolean {
    return new Set(this).isSubsetOf(other);
  }

  isSupersetOf(other: ReadonlySetLike<unknown>): boolean {
    return new Set(this).isSupersetOf(other);
  }

  isDisjointFrom(other: ReadonlySetLike<unknown>): boolean {
    return new Set(this).isDisjointFrom(other);
  }

  static {
    defineInspect(this, (queue, options, inspect) => `FutureQueue ${inspect([...queue], options)}`);
  }

  #after(node: QueueNode): QueueNode {
    let at = node;
    while (at[this.#next] === at && at !== this.#end) at = at[this.#prev] ?? this.#end;
    return at[this.#next] ?? this.#end;
  }
}
