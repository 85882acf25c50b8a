/** The channels of a scheduler. @module */

import { isObject, show } from "../_base/check.ts";
import { callAfter } from "../_base/time.ts";
import type { Channel } from "../channel.ts";
import { CallChannel, type CallChannelObserver } from "./call_channel.ts";
import type { ScheduledCall } from "./scheduled_call.ts";

/** Acts on what happens on channels. */
export interface ChannelsObserver {
  /** Whether reports about a call wait. */
  mustWait(call: ScheduledCall): boolean;
  /** Calls the listener of a channel, in the async context of its call. */
  hear(call: ScheduledCall, listener: () => void): void;
  /** A call has come to wait for the main thread, or no longer waits. */
  channelChanged(): void;
}

/** The channels of the calls that are with the executor. */
export class Channels implements CallChannelObserver {
  readonly #observer: ChannelsObserver;
  readonly #channels = new Map<ScheduledCall, CallChannel>();
  // Those whose functions wait for the main thread.
  readonly #blocked = new Set<CallChannel>();
  // How to cancel the timers of calls that were asked to end.
  readonly #asked = new Map<ScheduledCall, () => void>();
  // Calls that were asked to end, which may have ended since.
  readonly #wereAsked = new WeakSet<ScheduledCall>();

  constructor(observer: ChannelsObserver) {
    this.#observer = observer;
  }

  /** How many calls wait for the main thread. */
  get blockedCount(): number {
    return this.#blocked.size;
  }

  /** Whether some do. */
  get hasBlocked(): boolean {
    return this.#blocked.size > 0;
  }

  /** Whether a call waits for the main thread. */
  isBlocked(call: ScheduledCall): boolean {
    return this.#channels.get(call)?.isBlocked ?? false;
  }

  /** The channel of the current attempt of a call. */
  of(call: ScheduledCall): Channel | undefined {
    return this.#channels.get(call);
  }

  /**
   * Makes the channel of the next attempt of a call, if it is to have one.
   *
   * @throws what the plugin throws; `TypeError` when it returns no listener.
   */
  begin(call: ScheduledCall): void {
    const listen = call.hooks?.channel;
    if (listen === undefined) return;
    const listener: unknown = listen(call.future);
    if (!isObject(listener)) {
      throw new TypeError(
        `channel() of a submission of ${call.name} must return an object, not ${show(listener)}`,
      );
    }
    this.#channels.set(call, new CallChannel(call, listener, this));
  }

  /** An attempt of a call has ended. */
  close(call: ScheduledCall): void {
    const channel = this.#channels.get(call);
    if (channel === undefined) return;
    // First, because its callbacks may ask the call to end.
    channel.close();
    this.#asked.get(call)?.();
    this.#asked.delete(call);
    this.#channels.delete(call);
    this.changed(channel);
  }

  /**
   * Asks a call to end, and cancels it unless it has ended within `grace` milliseconds.
   *
   * @returns false when it has no channel, or was asked before.
   */
  ask(call: ScheduledCall, grace: number, reason: unknown): boolean {
    const channel = this.#channels.get(call);
    if (channel === undefined || this.#asked.has(call)) return false;
    channel.abort(reason);
    this.#wereAsked.add(call);
    this.#asked.set(call, callAfter(grace, () => call.cancel(reason)));
    return true;
  }

  /** Whether a call was asked to end. */
  wasAsked(call: ScheduledCall): boolean {
    return this.#wereAsked.has(call);
  }

  /** Asks all calls to end. */
  abortAll(): void {
    for (const [call, channel] of this.#channels) {
      this.#wereAsked.add(call);
      channel.abort(undefined);
    }
  }

  /** Calls that wait for the main thread wait no longer. */
  releaseAll(): void {
    for (const channel of [...this.#blocked]) {
      channel.release();
      this.changed(channel);
    }
  }

  mustWait(call: ScheduledCall): boolean {
    return this.#observer.mustWait(call);
  }

  hear(call: ScheduledCall, listener: () => void): void {
    this.#observer.hear(call, listener);
  }

  changed(channel: CallChannel): void {
    if (channel.isBlocked) this.#blocked.add(channel);
    else this.#blocked.delete(channel);
    this.#observer.channelChanged();
  }
}
