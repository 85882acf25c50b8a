/**
 * Named events with typed arguments, and callbacks that can be filtered, limited and repeated.
 *
 * @module
 */

import { ListenerList, type Returned } from "./_listener_list.ts";
import { AbortWatch } from "./_base/abort_watch.ts";
import { checkSignal, ownOptions, show } from "./_base/check.ts";
import { type Callback, type CallbackOptions, Listener } from "./_listener.ts";
import { defineTree, PLAIN, renderEmitter } from "./display/_tree.ts";
import { defineDisplay } from "./_base/inspect.ts";
import { toHtml } from "./display/_to_html.ts";
import { toPlain } from "./_base/plain.ts";
import { requireReceiver } from "./_base/require_receiver.ts";
import { EventNotKnownError } from "./errors.ts";
import type { EmitterStatistics } from "./statistics.ts";

export type { CallbackOptions };

/**
 * The argument tuple of an event.
 *
 * @example Keep the arguments of an event
 * ```ts
 * import { Emitter, type EventArgs } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * type CrawlerEvents = { found: [path: string, size: number] };
 * const crawler = new Emitter<CrawlerEvents>({ events: ["found"] });
 * const found: EventArgs<CrawlerEvents["found"]>[] = [];
 * crawler.on("found", (...args) => found.push(args));
 * crawler.emit("found", "/a", 3);
 * assertEquals(found, [["/a", 3]]);
 * ```
 *
 * @category Events
 */
export type EventArgs<T> = T extends unknown[] ? T : never;

/**
 * How often each event was emitted.
 *
 * @example A ratio of two counts
 * ```ts
 * import { Emitter, type EventCounts } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * type CacheEvents = { hit: []; miss: [] };
 * const cache = new Emitter<CacheEvents>({ events: ["hit", "miss"] });
 * const hitRate = ({ hit, miss }: EventCounts<CacheEvents>) => hit / (hit + miss);
 * for (const name of ["hit", "miss", "hit", "hit"] as const) cache.emit(name);
 * assertEquals(hitRate(cache.eventCounts), 0.75);
 * ```
 *
 * @category Events
 */
export type EventCounts<Events> = Readonly<
  & Record<Exclude<keyof Events & string, OutputEvent<Events>>, number>
  & Partial<Record<OutputEvent<Events>, number>>
  & Record<string, number>
>;

/**
 * The event of a task or a scheduler that exists only if its executor reports output.
 *
 * @internal
 */
export type OutputEvent<Events> = Events extends { submitted: unknown } ? "output"
  : Events extends { "future-submitted": unknown } ? "future-output"
  : never;

/**
 * Returned by `on()`: call or dispose it to unsubscribe. Doing so twice is harmless.
 *
 * @example Unsubscribe at the end of a block
 * ```ts
 * import { Emitter, type Subscription } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new Emitter<{ tick: [] }>({ events: ["tick"] });
 * let ticks = 0;
 * {
 *   using _ticks: Subscription = clock.on("tick", () => ticks++);
 *   clock.emit("tick");
 * }
 * clock.emit("tick");
 * assertEquals(ticks, 1);
 * ```
 *
 * @category Events
 */
export interface Subscription extends Disposable {
  /** Unsubscribes the callback. */
  (): void;
}

/**
 * `on()` bound to one event of one emitter, such as `scheduler.onStart` or `task.onResult`.
 *
 * @example An emitter with an accessor
 * ```ts
 * import { Emitter, type Subscriber } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * type CrawlerEvents = { found: [path: string] };
 *
 * class Crawler extends Emitter<CrawlerEvents> {
 *   readonly onFound: Subscriber<CrawlerEvents["found"]> = this.subscriber("found");
 *
 *   constructor() {
 *     super({ name: "crawler", events: ["found"] });
 *   }
 * }
 *
 * const crawler = new Crawler();
 * const paths: string[] = [];
 * crawler.onFound((path) => paths.push(path), { limit: 1 });
 * crawler.emit("found", "/a");
 * crawler.emit("found", "/b");
 * assertEquals(paths, ["/a"]);
 * ```
 *
 * @typeParam Args The arguments of the event.
 *
 * @category Events
 */
export interface Subscriber<Args extends unknown[]> {
  /**
   * Subscribes a callback; see {@linkcode Emitter.on}.
   *
   * @param callback Called with the event's arguments.
   * @param options When and how often it is called.
   * @returns a function that unsubscribes it.
   * @throws {TypeError} when `callback` is not a function, or an option is unknown or of the wrong
   * type.
   * @throws {RangeError} when a count is not a positive integer.
   */
  (callback: (...args: Args) => unknown, options?: CallbackOptions): Subscription;
}

/**
 * Options of `once()` and `stream()`.
 *
 * @example Stop waiting
 * ```ts
 * import { Emitter, type WaitOptions } from "@amltk/scheduling";
 * import { assertRejects } from "@std/assert";
 *
 * const clock = new Emitter<{ tick: [] }>({ events: ["tick"] });
 * const waiting = new AbortController();
 * const options: WaitOptions = { signal: waiting.signal };
 * const tick = clock.once("tick", options);
 * waiting.abort(new RangeError("too late"));
 * await assertRejects(() => tick, RangeError, "too late");
 * ```
 *
 * @category Events
 */
export interface WaitOptions {
  /** Stops waiting when it aborts, with its reason as the error. */
  signal?: AbortSignal | undefined;
}

/**
 * Options of {@linkcode Emitter}.
 *
 * @example Two events
 * ```ts
 * import { Emitter, type EmitterOptions } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * type CacheEvents = { hit: []; miss: [key: string] };
 * const options: EmitterOptions<CacheEvents> = { name: "cache", events: ["hit", "miss"] };
 * assertEquals(new Emitter<CacheEvents>(options).eventCounts, { hit: 0, miss: 0 });
 * ```
 *
 * @category Events
 */
export interface EmitterOptions<Events extends object> {
  /** The name shown in messages and in the tree. @default {"emitter"} */
  name?: string | undefined;
  /**
   * The names of the events; any other name is refused. Without this list, an event exists from the
   * first use of its name on.
   */
  events?: readonly (keyof Events & string)[] | undefined;
}

/**
 * A pending `once()` or an open `stream()`.
 *
 * @internal
 */
export interface Waiter {
  /** The name of the event. */
  readonly event: string;
  /**
   * Ends it: the promise rejects with the error, the stream ends.
   *
   * @param error The error.
   */
  end(error: Error): void;
}

/**
 * Handles what the callbacks of an emitter throw and return. A scheduler observes itself and its
 * tasks.
 *
 * @internal
 */
export interface EmitterObserver {
  /**
   * Receives the errors that callbacks threw, after all callbacks were called.
   *
   * @param errors The errors, in the order of the callbacks.
   * @returns whether the observer handles them; otherwise `emit()` throws.
   */
  threw(errors: readonly unknown[]): boolean;
  /**
   * Receives the value that a callback returned, unless it is undefined.
   *
   * @param value The value, such as the promise of an async callback.
   * @param event The event that it was called for.
   * @param callback The callback.
   */
  returned(value: unknown, event: string, callback: Callback): void;
  /**
   * Says how an emitter would have an event that it does not have.
   *
   * @param event The name of the event.
   * @returns a remedy for the error, if there is one.
   */
  remedyFor?(event: string): string | undefined;
  /** Keeps every waiter, to end it when the run ends. */
  readonly waiters: { add(waiter: Waiter): void; remove(waiter: Waiter): void };
}

/**
 * An emitter of named events.
 *
 * Emission is synchronous, in order of registration, over a snapshot: a callback that is added or
 * unsubscribed during an emission is not called. A callback that throws does not stop the others;
 * {@linkcode Emitter.emit} throws its error afterwards, or an `AggregateError` of several.
 *
 * Return values are ignored, and the rejection of an async callback is unhandled. Schedulers and
 * tasks are emitters too; there, the policy of the run decides about errors and rejections.
 *
 * @example Custom events
 * ```ts
 * import { Emitter } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const crawler = new Emitter<{ found: [path: string] }>({ name: "crawler", events: ["found"] });
 * const paths: string[] = [];
 * const unsubscribe = crawler.on("found", (path) => paths.push(path), { limit: 2 });
 *
 * for (const path of ["/a", "/b", "/c"]) crawler.emit("found", path);
 * unsubscribe();
 *
 * assertEquals(paths, ["/a", "/b"]);
 * assertEquals(crawler.eventCounts, { found: 3 });
 * ```
 *
 * @typeParam Events Maps each event's name to the tuple of its arguments.
 *
 * @category Events
 */
export class Emitter<Events extends object> {
  /** The name shown in messages and in the tree. */
  readonly name: string;
  readonly #lists = new Map<string, ListenerList>();
  // Caches the list of the last emission: most loops emit one event.
  #last: ListenerList | undefined;
  readonly #aborts = new AbortWatch<() => void>((abort) => abort());
  readonly #open: boolean;
  readonly #observer: EmitterObserver | undefined;
  readonly #returned: Returned | undefined;

  /**
   * Makes an emitter.
   *
   * @param options Name and events.
   * @param observer Handles what callbacks throw and return; without one, `emit()` throws.
   * @throws {TypeError} when an option is unknown or of the wrong type.
   */
  constructor(options: EmitterOptions<Events> = {}, observer?: EmitterObserver) {
    const { name = "emitter", events } = ownOptions("An Emitter", options, ["name", "events"]);
    if (typeof name !== "string") throw new TypeError(`name must be a string, not ${show(name)}`);
    this.name = name;
    this.#open = events === undefined;
    this.#observer = observer;
    this.#returned = observer && ((...returned) => observer.returned(...returned));
    if (events !== undefined) this.addEvents(events);
  }

  /** How often each event was emitted, 0 included; a new object on each access. */
  get eventCounts(): EventCounts<Events> {
    const counts: Record<string, number> = {};
    for (const [name, list] of this.#lists) counts[name] = list.count;
    return counts as EventCounts<Events>;
  }

  /**
   * Subscribes a callback to an event.
   *
   * Each emission is counted for the callback. If `every`, `when` and `limit`, checked in this
   * order, let it pass, the callback is called `repeat` times in a row.
   *
   * @param name The event.
   * @param callback Called with the event's arguments.
   * @param options When and how often it is called.
   * @returns a function that unsubscribes it.
   * @throws {EventNotKnownError} when there is no such event.
   * @throws {TypeError} when `callback` is not a function, or an option is unknown or of the wrong
   * type.
   * @throws {RangeError} when a count is not a positive integer.
   *
   * @example Every second emission, at most twice
   * ```ts
   * import { Emitter } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const clock = new Emitter<{ tick: [count: number] }>({ events: ["tick"] });
   * const seen: number[] = [];
   * clock.on("tick", (count) => seen.push(count), { every: 2, limit: 2 });
   * for (let count = 1; count <= 8; count++) clock.emit("tick", count);
   * assertEquals(seen, [2, 4]);
   * ```
   */
  on<K extends keyof Events & string>(
    name: K,
    callback: (...args: EventArgs<Events[K]>) => unknown,
    options: CallbackOptions = {},
  ): Subscription {
    const list = this.#listOf(name);
    const listener = new Listener(callback as Callback, options);
    const { signal } = listener;
    const unsubscribe = () => list.remove(listener);
    list.add(listener);
    if (signal?.aborted) unsubscribe();
    else if (signal !== undefined) listener.onClose = this.#onAbort(signal, unsubscribe);
    return Object.assign(unsubscribe, { [Symbol.dispose]: unsubscribe });
  }

  /**
   * Binds {@linkcode Emitter.on} to one event.
   *
   * @param name The event.
   * @returns a function that subscribes callbacks to the event.
   * @throws {EventNotKnownError} when there is no such event.
   *
   * @example A custom accessor
   * ```ts
   * import { Emitter } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const crawler = new Emitter<{ found: [path: string] }>({ events: ["found"] });
   * const onFound = crawler.subscriber("found");
   * const lengths: number[] = [];
   * onFound((path) => lengths.push(path.length));
   * crawler.emit("found", "/a");
   * assertEquals(lengths, [2]);
   * ```
   */
  subscriber<K extends keyof Events & string>(name: K): Subscriber<EventArgs<Events[K]>> {
    this.#listOf(name);
    return (callback, options) => this.on(name, callback, options);
  }

  /**
   * Waits for the next emission of an event.
   *
   * @param name The event.
   * @param options `signal` stops waiting.
   * @returns a promise of the event's arguments. It rejects with the reason of `signal`, or, on a
   * scheduler or a task, with `SchedulerNotRunningError` when the run ends without the event. A
   * rejection that nobody awaits is not reported as unhandled.
   * @throws {EventNotKnownError} when there is no such event.
   * @throws {TypeError} when an option is unknown or of the wrong type.
   *
   * @example Wait for one emission
   * ```ts
   * import { Emitter } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const crawler = new Emitter<{ found: [path: string] }>({ events: ["found"] });
   * const found = crawler.once("found");
   * crawler.emit("found", "/a");
   * assertEquals(await found, ["/a"]);
   * ```
   */
  once<K extends keyof Events & string>(
    name: K,
    options: WaitOptions = {},
  ): Promise<EventArgs<Events[K]>> {
    const { promise, resolve, reject } = Promise.withResolvers<EventArgs<Events[K]>>();
    promise.catch(() => {});
    const stop = this.#wait(name, options, (...args) => {
      stop();
      resolve(args);
    }, reject);
    return promise;
  }

  /**
   * Iterates over the emissions of an event from now on. Emissions are buffered in memory, without
   * limit, until the iterator takes them.
   *
   * @param name The event.
   * @param options `signal` ends the iteration at once, with its reason as the error.
   * @returns an async iterator of the event's arguments. It ends when the loop is left and, on a
   * scheduler or a task, with the run.
   * @throws {EventNotKnownError} when there is no such event.
   * @throws {TypeError} when an option is unknown or of the wrong type.
   *
   * @example Take two emissions
   * ```ts
   * import { Emitter } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const clock = new Emitter<{ tick: [count: number] }>({ events: ["tick"] });
   * const ticks = clock.stream("tick");
   * for (const count of [1, 2, 3]) clock.emit("tick", count);
   *
   * const seen: number[] = [];
   * for await (const [count] of ticks) {
   *   seen.push(count);
   *   if (count === 2) break;
   * }
   * assertEquals(seen, [1, 2]);
   * ```
   */
  stream<K extends keyof Events & string>(
    name: K,
    options: WaitOptions = {},
  ): AsyncIterableIterator<EventArgs<Events[K]>> {
    let stop = () => {};
    const buffer = new ReadableStream<EventArgs<Events[K]>>({
      start: (controller) => {
        stop = this.#wait(
          name,
          options,
          (...args) => controller.enqueue(args),
          (reason, aborted) => aborted ? controller.error(reason) : controller.close(),
        );
      },
      cancel: () => stop(),
    });
    return buffer.values();
  }

  /**
   * Emits an event: counts it and calls its callbacks before it returns.
   *
   * @param name The event.
   * @param args The event's arguments.
   * @throws {EventNotKnownError} when there is no such event.
   * @throws the error that a callback threw, after all were called; an `AggregateError` of several.
   *
   * @example A callback that throws
   * ```ts
   * import { Emitter } from "@amltk/scheduling";
   * import { assertEquals, assertThrows } from "@std/assert";
   *
   * const crawler = new Emitter<{ found: [path: string] }>({ events: ["found"] });
   * const paths: string[] = [];
   * crawler.on("found", () => {
   *   throw new RangeError("too many");
   * });
   * crawler.on("found", (path) => paths.push(path));
   * assertThrows(() => crawler.emit("found", "/a"), RangeError, "too many");
   * assertEquals(paths, ["/a"]);
   * ```
   */
  emit<K extends keyof Events & string>(name: K, ...args: EventArgs<Events[K]>): void {
    const list = this.#last?.name === name ? this.#last : this.#lookUp(name);
    list.count++;
    // Spread again, so that V8 creates no array for an event without listeners.
    if (list.isHeard) this.#deliver(list, ...args);
  }

  /**
   * Whether anything listens to an event: a callback, a `once()` or a `stream()`.
   *
   * @param name The name of the event.
   * @returns whether the next emission has a listener.
   * @throws {EventNotKnownError} for a name that it does not have.
   *
   * @example Leave out work that nobody would see
   * ```ts
   * import { Emitter } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const crawler = new Emitter<{ found: [path: string] }>({ name: "crawler", events: ["found"] });
   * assertEquals(crawler.hears("found"), false);
   * crawler.on("found", () => {});
   * assertEquals(crawler.hears("found"), true);
   * ```
   */
  hears(name: keyof Events & string): boolean {
    return this.#lookUp(name).isHeard;
  }

  /**
   * A snapshot of events, counts and callbacks.
   *
   * @returns a record that later changes do not touch.
   *
   * @example Inspect the callbacks
   * ```ts
   * import { Emitter } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const clock = new Emitter<{ tick: [] }>({ name: "clock", events: ["tick"] });
   * clock.on("tick", function ring() {}, { every: 2 });
   * clock.emit("tick");
   * assertEquals(clock.statistics(), {
   *   name: "clock",
   *   events: [{
   *     name: "tick",
   *     count: 1,
   *     callbacks: [{ name: "ring", calls: 0, options: { every: 2 } }],
   *   }],
   * });
   * ```
   */
  statistics(): EmitterStatistics {
    return { name: this.name, events: [...this.#lists.values()].map((list) => list.statistics()) };
  }

  /**
   * The statistics for `JSON.stringify()`: numbers, strings, lists and records. What JSON cannot
   * express, such as a function among the options of a callback, is there as text.
   *
   * @returns the record.
   *
   * @example How often an event was emitted, in JSON
   * ```ts
   * import { Emitter } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const clock = new Emitter<{ tick: [] }>({ name: "clock", events: ["tick"] });
   * clock.emit("tick");
   * const json = '{"name":"clock","events":[{"name":"tick","count":1,"callbacks":[]}]}';
   * assertEquals(JSON.stringify(clock), json);
   * ```
   */
  toJSON(): EmitterStatistics {
    return toPlain(this.statistics()) as EmitterStatistics;
  }

  /**
   * The tree of events with their counts and callbacks, without colours.
   *
   * @returns the text.
   *
   * @example Print an emitter
   * ```ts
   * import { Emitter } from "@amltk/scheduling";
   * import { assertEquals } from "@std/assert";
   *
   * const clock = new Emitter<{ tick: [] }>({ name: "clock", events: ["tick"] });
   * assertEquals(clock.toString(), "clock\n└─ tick");
   * ```
   */
  toString(): string {
    return renderEmitter(this.statistics(), PLAIN);
  }

  /**
   * What notebooks show: state, counts and callbacks as HTML that needs no script and nothing else from
   * elsewhere. It can stand in any page, bright or dark, and shows names and messages as text.
   *
   * @returns a `<div>` with a style of its own.
   *
   * @example A page with the state of an emitter
   * ```ts
   * import { Emitter } from "@amltk/scheduling";
   * import { assertStringIncludes } from "@std/assert";
   *
   * const clock = new Emitter<{ "<tick>": [] }>({ name: "clock", events: ["<tick>"] });
   * const page = `<!doctype html><title>clock</title>${clock.toHTML()}`;
   * assertStringIncludes(page, "&lt;tick&gt;");
   * ```
   */
  toHTML(): string {
    return toHtml(this.statistics());
  }

  static {
    defineTree(this, renderEmitter);
    defineDisplay(this.prototype);
    requireReceiver(this, "emitter", ["emit"]);
  }

  /**
   * Adds events: all of them, or none if one is refused.
   *
   * @param names The names of the events.
   * @throws {TypeError} when a name is not a string, is empty, or exists already.
   */
  protected addEvents(names: readonly string[]): void {
    if (!Array.isArray(names)) {
      throw new TypeError(
        `The events of ${this.name} must be an array of names, not ${show(names)}`,
      );
    }
    for (const [index, name] of names.entries()) {
      if (typeof name !== "string" || name === "") {
        throw new TypeError(`The name of an event must be a string with text, not ${show(name)}`);
      }
      if (this.#lists.has(name) || names.indexOf(name) !== index) {
        throw new TypeError(`${this.name} has an event "${name}" already`);
      }
    }
    for (const name of names) this.#lists.set(name, new ListenerList(name));
  }

  /**
   * Removes events that {@linkcode Emitter.addEvents} added.
   *
   * @param names The names of the events.
   */
  protected removeEvents(names: readonly string[]): void {
    for (const name of names) this.#lists.delete(name);
    this.#last = undefined;
  }

  #lookUp(name: string): ListenerList {
    return this.#last = this.#lists.get(name) ?? this.#listOf(name);
  }

  #listOf(name: string): ListenerList {
    const list = this.#lists.get(name);
    if (list !== undefined) return list;
    if (!this.#open) {
      const remedy = this.#observer?.remedyFor?.(name);
      throw new EventNotKnownError(name, this.name, [...this.#lists.keys()], remedy);
    }
    this.addEvents([name]);
    return this.#listOf(name);
  }

  #wait<K extends keyof Events & string>(
    name: K,
    options: WaitOptions,
    receive: (...args: EventArgs<Events[K]>) => void,
    end: (reason: unknown, aborted: boolean) => void,
  ): () => void {
    const { signal } = ownOptions(`Waiting for "${name}"`, options, ["signal"]);
    if (signal !== undefined) checkSignal("signal", signal);
    const cleanups: (() => void)[] = [this.on(name, receive, { hidden: true })];
    const stop = () => cleanups.forEach((cleanUp) => cleanUp());
    const finish = (reason: unknown, aborted: boolean) => {
      stop();
      end(reason, aborted);
    };
    const onAbort = () => finish(signal?.reason, true);
    if (signal?.aborted) {
      onAbort();
    } else {
      if (signal !== undefined) cleanups.push(this.#onAbort(signal, onAbort));
      cleanups.push(this.#addWaiter({ event: name, end: (error) => finish(error, false) }));
    }
    return stop;
  }

  /** Calls `callback` when the signal aborts; returns a function that prevents it. */
  #onAbort(signal: AbortSignal, callback: () => void): () => void {
    this.#aborts.add(signal, callback);
    return () => this.#aborts.remove(signal, callback);
  }

  #addWaiter(waiter: Waiter): () => void {
    const waiters = this.#observer?.waiters;
    waiters?.add(waiter);
    return () => waiters?.remove(waiter);
  }

  #deliver(list: ListenerList, ...args: unknown[]): void {
    const errors = list.deliver(args, this.#returned);
    if (errors.length > 0) this.#report(list.name, errors);
  }

  #report(name: string, errors: unknown[]): void {
    if (this.#observer?.threw(errors)) return;
    if (errors.length === 1) throw errors[0];
    throw new AggregateError(errors, `${errors.length} callbacks of "${name}" threw`);
  }
}
