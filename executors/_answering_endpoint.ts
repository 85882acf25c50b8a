/** This side's end of a comlink connection, which answers what cannot be sent. @module */

import type { Endpoint } from "./_comlink.ts";

type Listener = EventListenerOrEventListenerObject;

/** An endpoint, and the way to hand it what the other side sent. */
export interface AnsweringEndpoint {
  readonly endpoint: Endpoint;
  receive(message: unknown): void;
}

/**
 * An endpoint over `send`. A message that `send` refuses is answered here, for comlink waits for its
 * answer for ever.
 */
export function answeringEndpoint(
  send: (message: unknown, transfer: Transferable[]) => void,
): AnsweringEndpoint {
  const listeners = new Set<Listener>();
  const receive = (data: unknown) => {
    const event = new MessageEvent("message", { data });
    for (const listener of listeners) {
      if (typeof listener === "function") listener(event);
      else listener.handleEvent(event);
    }
  };
  const endpoint: Endpoint = {
    addEventListener: (_type: string, listener: Listener) => void listeners.add(listener),
    removeEventListener: (_type: string, listener: Listener) => void listeners.delete(listener),
    postMessage(message: { id: string }, transfer: Transferable[] = []) {
      try {
        send(message, transfer);
      } catch (unsent) {
        receive({ id: message.id, type: "RAW", value: { ok: false, unsent } });
      }
    },
  };
  return { endpoint, receive };
}
