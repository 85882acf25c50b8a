/** The pool's end of a comlink connection, which itself answers messages that cannot cross. @module */

import type { Endpoint } from "../_wire/comlink.ts";
import { MessageListeners } from "../_wire/message_listeners.ts";

const UNREADABLE = "the worker cannot read it, as happens when values are nested too deeply";

type Send = (message: unknown, transfer: Transferable[]) => void;

/**
 * An endpoint that sends by `send` and receives by `takeAnswer()`. It answers messages itself that cannot
 * be sent, or that the worker cannot read, because comlink would wait for their answers forever.
 */
export class AnsweringEndpoint extends MessageListeners implements Endpoint {
  #send: Send;
  #answered: (messageNumber: number) => void;
  // The numbers of the unanswered messages, by id.
  readonly #unanswered = new Map<unknown, number>();
  #sentCount = 0;

  /** `answered` is called before the answer to the message of this number, counted from 1, is passed on. */
  constructor(send: Send, answered: (messageNumber: number) => void) {
    super();
    this.#send = send;
    this.#answered = answered;
  }

  /** Passes on the first answer to each message; ignores anything else, such as what a task posts. */
  takeAnswer(message: unknown): void {
    const { id } = (message ?? {}) as { id?: unknown };
    const messageNumber = this.#unanswered.get(id);
    if (messageNumber === undefined) return;
    this.#unanswered.delete(id);
    this.#answered(messageNumber);
    this.receive(message);
  }

  /** Sends a message that expects no answer; throws if it cannot be cloned. */
  send(message: unknown, transfer: Transferable[] = []): void {
    this.#send(message, transfer);
    this.#sentCount++;
  }

  /** The number that the next message gets. */
  get nextNumber(): number {
    return this.#sentCount + 1;
  }

  postMessage(message: { id: string }, transfer: Transferable[] = []): void {
    this.#unanswered.set(message.id, this.nextNumber);
    try {
      this.send(message, transfer);
    } catch (unsent) {
      this.#answer(message.id, unsent);
    }
  }

  /** Answers the message of this number, counted from 1, which the worker could not read. */
  answerUnreadable(messageNumber: number): void {
    for (const [id, number] of this.#unanswered) {
      if (number === messageNumber) this.#answer(id, new Error(UNREADABLE));
    }
  }

  /**
   * Drops the worker and the listeners. comlink keeps an endpoint while its proxy is reachable, and
   * the listeners reach the proxy: without this, neither would ever be collected.
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
