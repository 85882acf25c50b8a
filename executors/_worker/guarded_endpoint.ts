/** Guards a worker's port, so that comlink leaves no call unanswered. @module */

import type { Endpoint } from "../_wire/comlink.ts";

/**
 * Wraps a port so that each call gets its answer. `broken` is called if a message cannot be read, because a
 * task has tampered with comlink's environment.
 */
export function guardedEndpoint(port: Endpoint, broken: () => void): Endpoint {
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
    postMessage: port.postMessage.bind(port),
  };
}
