/** The listeners of an endpoint whose messages do not come from a port of the platform. @module */

import type { Endpoint } from "./comlink.ts";

type Listener = EventListenerOrEventListenerObject;

/** The part of an endpoint that receives. */
export class MessageListeners implements Omit<Endpoint, "postMessage"> {
  readonly #listeners = new Set<Listener>();

  addEventListener(_type: string, listener: Listener): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: string, listener: Listener): void {
    this.#listeners.delete(listener);
  }

  removeAllListeners(): void {
    this.#listeners.clear();
  }

  /** Passes a message to the listeners. */
  receive(data: unknown): void {
    // All that comlink looks at: to make a real event takes longer than to send the message.
    const event = { data } as MessageEvent;
    for (const listener of this.#listeners) {
      if (typeof listener === "function") listener(event);
      else listener.handleEvent(event);
    }
  }
}
