/** This side's end of a comlink connection, which answers what cannot be sent. @module */

import type { Endpoint } from "../_wire/comlink.ts";
import { MessageListeners } from "../_wire/message_listeners.ts";

const UNREADABLE = "the other side cannot read it, as it is when values are nested too deeply";

type Send = (message: unknown, transfer: Transferable[]) => void;

/**
 * An endpoint over `send`, to be handed what the other side sent. A message that cannot be sent, or
 * that the other side cannot read, is answered here: comlink would wait for its answer forever.
 */
export class AnsweringEndpoint extends MessageListeners implements Endpoint {
  #send: Send;
  #answered: () => void;
  // The numbers of the messages that have no answer yet, by their ids.
  readonly #unanswered = new Map<unknown, number>();
  #sentCount = 0;

  /** `answered` is called before each answer is passed on. */
  constructor(send: Send, answered: () => void) {
    super();
    this.#send = send;
    this.#answered = answered;
  }

  /** Passes a message on if it is the first answer to one that was sent, and nothing a task posted. */
  takeAnswer(message: unknown): void {
    const { id } = (message ?? {}) as { id?: unknown };
    if (!this.#unanswered.delete(id)) return;
    this.#answered();
    this.receive(message);
  }

  /**
   * Answers the message that has been unanswered for longest: its answer has arrived, and this side
   * cannot read it.
   */
  takeUnreadableAnswer(unreadable: unknown): void {
    const [id] = this.#unanswered.keys();
    this.takeAnswer({ id, type: "RAW", value: { ok: false, unreadable } });
  }

  /** Sends a message that has no answer; throws when it cannot be cloned. */
  tell(message: unknown, transfer: Transferable[] = []): void {
    this.#send(message, transfer);
    this.#sentCount++;
  }

  postMessage(message: { id: string }, transfer: Transferable[] = []): void {
    this.#unanswered.set(message.id, this.#sentCount + 1);
    try {
      this.tell(message, transfer);
    } catch (unsent) {
      this.#answer(message.id, unsent);
    }
  }

  /** Answers the message of this number, counted from 1, which the other side could not read. */
  answerUnreadable(messageNumber: number): void {
    for (const [id, number] of this.#unanswered) {
      if (number === messageNumber) this.#answer(id, new Error(UNREADABLE));
    }
  }

  /**
   * Lets go of the worker and of who listens. comlink keeps each endpoint for as long as its proxy is
   * reachable, which it is from the listeners: neither would ever be collected.
   */
  close(): void {
    this.#send = () => {};
    this.#answered = () => {};
    this.#unanswered.clear();
    this.removeAllListeners();
  }

  #answer(id: unknown, unsent: unknown): void {
    this.takeAnswer({ id, type: "RAW", value: { ok: false, unsent } });
  }
}
