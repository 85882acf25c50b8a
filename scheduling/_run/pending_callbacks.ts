/** The pending async callbacks of a run, and which of them its end waits for. @module */

import { isThenable } from "../_base/is_thenable.ts";
import { callAfter, now } from "../_base/time.ts";
import type { Callback } from "../_listener.ts";
import { functionName } from "../function.ts";
import { isFuture } from "../future.ts";
import type { CallbackUnderWay } from "../statistics.ts";

// A callback that never settles may be the reason why the user interrupted the program.
const INTERRUPTED_MS = 5000;

/** What a pending callback is of interest for: the end of the run, or answers to running calls. */
export type CallbackRole = "end" | "answer" | undefined;

/** Acts on the end of callbacks. */
export interface PendingCallbacksObserver {
  /** The promise of a callback has rejected. */
  callbackRejected(error: unknown, event: string, callback: Callback): void;
  /** A callback is no longer pending. */
  callbackSettled(): void;
}

/** The pending callbacks of a run. */
export class PendingCallbacks {
  readonly #observer: PendingCallbacksObserver;
  // That of the callbacks which are called now.
  #role: CallbackRole;
  readonly #all = new Set<object>();
  // Callbacks of the events that end a run.
  readonly #last = new Set<object>();
  // Callbacks that handle messages of calls.
  readonly #answers = new Set<object>();
  #awaited: ReadonlySet<object> = this.#all;
  readonly underWay: CallbacksUnderWay = new CallbacksUnderWay();
  #settled = Promise.withResolvers<void>();

  constructor(observer: PendingCallbacksObserver) {
    this.#observer = observer;
  }

  /** How many are pending. */
  get size(): number {
    return this.#all.size;
  }

  /** How many of them handle messages of calls. */
  get pendingAnswers(): number {
    return this.#answers.size;
  }

  /** Whether the end of the run waits for some. */
  get isAwaited(): boolean {
    return this.#awaited.size > 0;
  }

  /** Calls what emits an event whose callbacks have that role. */
  inRole(role: CallbackRole, emit: () => void): void {
    const outer = this.#role;
    this.#role = role;
    emit();
    this.#role = outer;
  }

  /** Waits for the promise of an async callback. */
  returned(value: unknown, event: string, callback: Callback): void {
    if (!isThenable(value) || isFuture(value)) return;
    const settled = Promise.resolve(value)
      .then(undefined, (error) => this.#observer.callbackRejected(error, event, callback));
    this.#add(settled, this.#role, this.underWay.begin(event, callback));
  }

  /** Waits for an iteration of results as for a callback, until the returned function is called. */
  hold(task: string): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#add(promise, undefined, this.underWay.begin("map", task));
    return resolve;
  }

  /** Resolves when no awaited callback is pending. */
  async settle(): Promise<void> {
    while (this.#awaited.size > 0) {
      this.#settled = Promise.withResolvers();
      await this.#settled.promise;
    }
  }

  /** For an aborted run: its end waits for no callback, unless the program was interrupted. */
  abandon(): void {
    if (this.#awaited === this.#all) this.#awaited = new Set();
    this.#settled.resolve();
  }

  /** For an interrupted program: the end waits only for the callbacks of the last events. */
  interrupt(): void {
    const before = [...this.#last];
    callAfter(INTERRUPTED_MS, () => this.#remove(before));
    this.#awaited = this.#last;
    this.#settled.resolve();
  }

  async #add(callback: Promise<unknown>, role: CallbackRole, ended: () => void): Promise<void> {
    this.#all.add(callback);
    if (role === "end") this.#last.add(callback);
    if (role === "answer") this.#answers.add(callback);
    await callback;
    ended();
    this.#remove([callback]);
    this.#observer.callbackSettled();
  }

  #remove(callbacks: readonly object[]): void {
    for (const callback of callbacks) {
      this.#all.delete(callback);
      this.#last.delete(callback);
      this.#answers.delete(callback);
    }
    this.#settled.resolve();
  }
}

const MAX_GROUPS = 16;

interface Group {
  readonly since: number;
  count: number;
}

type Groups = Map<Callback | string, Group>;

/** Counts callbacks, so that asking costs nothing for each one. */
export class CallbacksUnderWay {
  readonly #events = new Map<string, Groups>();

  /** Counts a callback, or what is named in its place, until the returned function is called. */
  begin(event: string, callback: Callback | string): () => void {
    const groups = this.#events.get(event) ?? new Map();
    this.#events.set(event, groups);
    const group: Group = groups.get(callback) ?? { since: now(), count: 0 };
    groups.set(callback, group);
    group.count++;
    return () => {
      if (--group.count > 0) return;
      groups.delete(callback);
      if (groups.size === 0) this.#events.delete(event);
    };
  }

  /** The groups, the oldest first. */
  statistics(): CallbackUnderWay[] {
    return [...this.#events]
      .flatMap(([event, groups]) => [...groups].map((entry) => recordOf(event, ...entry)))
      .sort((a, b) => a.since - b.since)
      .slice(0, MAX_GROUPS);
  }
}

function recordOf(event: string, callback: Callback | string, group: Group): CallbackUnderWay {
  const name = typeof callback === "string" ? callback : functionName(callback as never);
  return { event, name: name || "(anonymous)", ...group };
}
