/** The messages of one attempt of a call. @module */

import { setImmediate } from "../_base/time.ts";
import type {
  Channel,
  ChannelConnection,
  ChannelListener,
  MessageFromCall,
  MessageToCall,
} from "../channel.ts";
import type { ScheduledCall } from "./scheduled_call.ts";

/** Acts on what happens on a channel. */
export interface CallChannelObserver {
  /** Whether reports about the call wait. */
  mustWait(call: ScheduledCall): boolean;
  /** Calls the listener, in the async context of the call. */
  hear(call: ScheduledCall, listener: () => void): void;
  /** The call has come to wait for the main thread, or no longer waits. */
  changed(channel: CallChannel): void;
}

/** How many messages of the main thread a function may leave unread. */
export const MAX_UNREAD: number = 2 ** 16;

/** One channel, from the start of a function to its end. */
export class CallChannel implements Channel, ChannelConnection {
  readonly #call: ScheduledCall;
  readonly #listener: ChannelListener;
  readonly #observer: CallChannelObserver;
  // Undefined while the function does not run.
  #send: ((message: MessageToCall) => void) | undefined;
  readonly #requests = new Set<number>();
  // What to send as soon as the channel opens.
  #abort: MessageToCall | undefined;
  // Reports that came while the call could not take them.
  #deferred: (() => void)[] = [];
  #sentCount = 0;
  #readCount = 0;
  #isReading = false;
  #isEnded = false;
  #isClosed = false;

  constructor(call: ScheduledCall, listener: ChannelListener, observer: CallChannelObserver) {
    this.#call = call;
    this.#listener = listener;
    this.#observer = observer;
  }

  /** Whether its function runs. */
  get isOpen(): boolean {
    return this.#send !== undefined;
  }

  /** Whether the function waits for an answer, or for a message. */
  get isBlocked(): boolean {
    if (!this.isOpen) return false;
    return this.#requests.size > 0 || (this.#isReading && this.#readCount === this.#sentCount);
  }

  open(send: (message: MessageToCall) => void): void {
    this.#report(() => {
      this.#send = send;
      if (this.#abort !== undefined) sendAbort(send, this.#abort);
      this.#hear(() => this.#listener.opened?.(this));
    });
  }

  receive(message: MessageFromCall): void {
    this.#report(() => this.#receive(message));
  }

  send(data: unknown): boolean {
    if (this.#send === undefined || this.#isEnded) return false;
    if (this.#sentCount - this.#readCount >= MAX_UNREAD) {
      throw new RangeError(
        `${this.#call.name} has ${MAX_UNREAD} messages that it has not read: send fewer, or have its ` +
          `function read them`,
      );
    }
    this.#send({ type: "message", data });
    this.#sentCount++;
    this.#observer.changed(this);
    return true;
  }

  /** Asks the function to end, once; throws when the reason cannot cross. */
  abort(reason: unknown): void {
    if (this.#abort !== undefined) return;
    const abort = { type: "abort", reason } as const;
    this.#send?.(abort);
    this.#abort = abort;
  }

  /** Refuses the answers and messages that the function waits for. */
  release(): void {
    for (const id of this.#requests) this.#send?.({ type: "refusal", id, why: "closed" });
    this.#requests.clear();
    if (!this.#isReading || this.#isEnded) return;
    this.#isEnded = true;
    this.#isReading = false;
    this.#send?.({ type: "end" });
  }

  /** The function has ended, or its worker has. */
  close(): void {
    if (this.#isClosed) return;
    for (let next = this.#deferred.shift(); next; next = this.#deferred.shift()) next();
    this.#isClosed = true;
    const wasOpen = this.isOpen;
    this.#send = undefined;
    if (wasOpen) this.#hear(() => this.#listener.closed?.());
  }

  #receive(message: MessageFromCall): void {
    switch (message.type) {
      case "message":
        return this.#hear(() => this.#listener.message?.(message.data));
      case "progress":
        return this.#hear(() => this.#listener.progress?.(message.fraction, message.message));
      case "request":
        return this.#ask(message.id, message.data);
      case "request-over":
        this.#requests.delete(message.id);
        return this.#observer.changed(this);
      case "read":
        this.#readCount = message.count;
        this.#isReading = message.waiting;
        return this.#observer.changed(this);
    }
  }

  #ask(id: number, data: unknown): void {
    this.#requests.add(id);
    this.#hear(() => {
      const isHeard = this.#listener.request?.(data, this.#responder(id)) ?? false;
      if (!isHeard && this.#requests.delete(id)) {
        this.#send?.({ type: "refusal", id, why: "unheard" });
      }
    });
    this.#observer.changed(this);
  }

  #responder(id: number): (answer: unknown) => boolean {
    let isAnswered = false;
    return (value) => {
      if (isAnswered) throw new TypeError(`A request of ${this.#call.name} was answered before`);
      if (this.#send === undefined || !this.#requests.has(id)) return false;
      this.#send({ type: "answer", id, value });
      isAnswered = true;
      this.#requests.delete(id);
      this.#observer.changed(this);
      return true;
    };
  }

  #hear(listener: () => void): void {
    this.#observer.hear(this.#call, listener);
  }

  #report(report: () => void): void {
    if (this.#isClosed) return;
    if (this.#deferred.length === 0 && !this.#observer.mustWait(this.#call)) return report();
    this.#deferred.push(report);
    if (this.#deferred.length === 1) this.#reportLater();
  }

  #reportLater(): void {
    setImmediate(() => {
      while (this.#deferred.length > 0) {
        // A report may end the run.
        if (this.#observer.mustWait(this.#call)) return this.#reportLater();
        this.#deferred.shift()?.();
      }
    });
  }
}

// The call was asked to end before its channel opened, so nobody can be told that the reason cannot cross.
function sendAbort(send: (message: MessageToCall) => void, abort: MessageToCall): void {
  try {
    send(abort);
  } catch {
    send({ type: "abort", reason: undefined });
  }
}
