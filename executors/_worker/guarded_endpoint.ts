/** A worker's port for comlink, which would leave calls unanswered. @module */

import type { Endpoint } from "../_wire/comlink.ts";
import type { Outcome } from "../_wire/protocol.ts";

/** What happens where comlink has no answer. */
export interface Guards {
  /** A task has tampered with what comlink needs to read a message. */
  broken(): void;
  /** What to send in place of an outcome that cannot be sent. */
  unsendable(outcome: Outcome, cause: unknown): Outcome;
}

/** Wraps a port so that each call gets its answer. */
export function guardedEndpoint(port: Endpoint, { broken, unsendable }: Guards): Endpoint {
  return {
    addEventListener: (type, listener) =>
      port.addEventListener(type, (event) => {
        try {
          if (typeof listener === "function") listener(event);
          else listener.handleEvent(event);
        } catch {
          broken();
        }
      }),
    removeEventListener: port.removeEventListener.bind(port),
    postMessage(message, transferables) {
      try {
        port.postMessage(message, transferables);
      } catch (cause) {
        port.postMessage({ ...message, value: unsendable(message.value, cause) });
      }
    },
  };
}
