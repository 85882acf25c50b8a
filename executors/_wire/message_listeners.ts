/** The receiving part of an endpoint that is no port of the platform. @module */

import type { Endpoint } from "./comlink.ts";

type Listener = EventListenerOrEventListenerObject;

/** Holds the listeners of an endpoint and passes messages to them. */
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
    // comlink reads nothing else, and a real event costs more than sending the message.
    dispatch({ data } as MessageEvent, this.#ofMessages);
  }

  /** Notifies the listeners of `messageerror` of a message that cannot be read. */
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
