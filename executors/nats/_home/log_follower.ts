/** Reads the logs of all sessions of a run. @module */

import {
  type Consumer,
  type ConsumerMessages,
  DeliverPolicy,
  type JsMsg,
} from "@nats-io/jetstream";
import type { Store } from "../_wire/session_log.ts";

// With the default times, reading stalls for 45 seconds after a restart of the server. So many messages, of
// at most 1 MiB, are less than what a server lets wait for a connection. A limit in bytes stalls reading for
// seconds whenever a message does not fit into the rest.
const PULL = { expires: 3_000, "idle_heartbeat": 1_000, "max_messages": 32 };
// The server removes the consumer of a program that has gone.
const INACTIVE_MS = 60_000;

/** Reads on, from where it was, whenever it is started. */
export class LogFollower {
  readonly #store: Store;
  readonly #filter: string;
  readonly #take: (message: JsMsg) => void;
  #lastRead: number;
  #consumer: Consumer | undefined;
  #messages: ConsumerMessages | undefined;
  // Counts the starts: what comes of an earlier one is passed over.
  #starts = 0;

  /** Reads what has a higher sequence number than `after`. */
  constructor(store: Store, filter: string, after: number, take: (message: JsMsg) => void) {
    this.#store = store;
    this.#filter = filter;
    this.#lastRead = after;
    this.#take = take;
  }

  /** The sequence number of the last message that was read. */
  get lastRead(): number {
    return this.#lastRead;
  }

  /** Whether the server delivers messages, as far as is known. */
  get isReading(): boolean {
    return this.#messages !== undefined;
  }

  /** Begins to read, with a new consumer; rejects if the server makes none. */
  async start(): Promise<void> {
    const start = ++this.#starts;
    this.pause();
    // Not awaited, because a server that has just restarted may have to be asked for the new one at once.
    this.#consumer?.delete().catch(() => false);
    const { client, stream } = this.#store;
    const consumer = await client.consumers.get(stream, {
      filter_subjects: this.#filter,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: this.#lastRead + 1,
      inactive_threshold: INACTIVE_MS,
    });
    this.#consumer = consumer;
    const callback = (message: JsMsg) => {
      if (start === this.#starts) this.#read(message);
    };
    const messages = await consumer.consume({ ...PULL, callback });
    this.#messages = messages;
    messages.closed().then(() => {
      if (this.#messages === messages) this.#messages = undefined;
    });
  }

  /** Stops until the next start: without a connection, the client would make consumers that nobody removes. */
  pause(): void {
    this.#messages?.stop();
    this.#messages = undefined;
  }

  /** Ends reading; the server drops the consumer. */
  async stop(): Promise<void> {
    this.#starts++;
    this.pause();
    await this.#consumer?.delete().catch(() => false);
  }

  #read(message: JsMsg): void {
    // A consumer that was made anew may begin with what was read.
    if (message.seq <= this.#lastRead) return;
    this.#lastRead = message.seq;
    this.#take(message);
  }
}
