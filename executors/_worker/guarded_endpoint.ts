/** Guards a worker's port, so that comlink leaves no call unanswered. @module */

import type { Endpoint } from "../_wire/comlink.ts";
import type { Outcome } from "../_wire/protocol.ts";

/** What happens if comlink cannot answer. */
export interface Guards {
  /** A message could not be read, because a task has tampered with comlink's environment. */
  broken(): void;
  /** The outcome to send instead of one that cannot be sent. */
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
