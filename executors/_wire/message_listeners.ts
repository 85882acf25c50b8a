/** The listeners of an endpoint whose messages do not come from a port of the platform. @module */

import type { Endpoint } from "./comlink.ts";

type Listener = EventListenerOrEventListenerObject;

/** The part of an endpoint that receives. */
export class MessageListeners implements Omit<Endpoint, "postMessage"> {
  readonly #ofMessages = new Set<Listener>();
  readonly #ofUnreadable = new Set<Listener>();

  addEventListener(type: string, listener: Listener): void {
    this.#listenersOf(type).add(listener);
  }

  removeEventListener(type: string, listener: Listener): void {
    this.#listenersOf(type).delete(listener);
  }

  removeAllListeners(): void {
    this.#ofMessages.clear();
    this.#ofUnreadable.clear();
  }

  /** Passes a message to the listeners of `message`. */
  receive(data: unknown): void {
    // All that comlink looks at: to make a real event takes longer than to send the message.
    dispatch({ data } as MessageEvent, this.#ofMessages);
  }

  /** Tells the listeners of `messageerror` that a message has arrived and cannot be read. */
  receiveUnreadable(): void {
    dispatch({ data: undefined } as MessageEvent, this.#ofUnreadable);
  }

  #listenersOf(type: string): Set<Listener> {
    return type === "messageerror" ? this.#ofUnreadable : this.#ofMessages;
  }
}

function dispatch(event: MessageEvent, listeners: ReadonlySet<Listener>): void {
  for (const listener of listeners) {
    if (typeof listener === "function") listener(event);
    else listener.handleEvent(event);
  }
}
