/** This side's end of a comlink connection, which answers what cannot be sent. @module */

import type { Endpoint } from "../_wire/comlink.ts";
import { MessageListeners } from "../_wire/message_listeners.ts";

type Send = (message: unknown, transfer: Transferable[]) => void;

/**
 * An endpoint over `send`, to be handed what the other side sent. A message that `send` refuses is
 * answered here, for comlink waits for its answer for ever.
 */
export class AnsweringEndpoint extends MessageListeners implements Endpoint {
  readonly #send: Send;
  readonly #unanswered = new Set<unknown>();

  constructor(send: Send) {
    super();
    this.#send = send;
  }

  /** Whether it is the first answer to a message that was sent, and nothing that a task posted. */
  isAnswer(message: unknown): boolean {
    const { id } = (message ?? {}) as { id?: unknown };
    return this.#unanswered.delete(id);
  }

  /** Sends a message that has no answer; throws when it cannot be cloned. */
  tell(message: unknown, transfer: Transferable[] = []): void {
    this.#send(message, transfer);
  }

  postMessage(message: { id: string }, transfer: Transferable[] = []): void {
    this.#unanswered.add(message.id);
    try {
      this.#send(message, transfer);
    } catch (unsent) {
      this.receive({ id: message.id, type: "RAW", value: { ok: false, unsent } });
    }
  }
}
