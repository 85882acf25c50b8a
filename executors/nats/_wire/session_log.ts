/** The log of a session on the server: its worker writes it, and its scheduler reads and ends it. @module */

import type { NatsConnection } from "@nats-io/nats-core";
import {
  jetstream,
  type JetStreamClient,
  type JetStreamManager,
  jetstreamManager,
} from "@nats-io/jetstream";
import { pause } from "../../../scheduling/_base/time.ts";
import { AckTimeout } from "./ack_timeout.ts";

const PAUSE_MS = 200;
// What the server answers when a log does not end where its writer thinks.
const WRONG_LAST_SEQUENCE = 10_071;

/** The streams that a connection can reach. */
export interface Store {
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly stream: string;
}

/**
 * Opens the stream of a queue, without asking the server for anything; `timeout` milliseconds are how long
 * its answers may take.
 */
export async function openStore(
  connection: NatsConnection,
  stream: string,
  timeout = 5_000,
): Promise<Store> {
  const manager = await jetstreamManager(connection, { checkAPI: false, timeout });
  return { client: jetstream(connection), manager, stream };
}

/**
 * Appends to the log of a session. Each message names the one that it follows, and the server refuses one
 * that does not follow the last. So nobody can write into the log once the other side has ended it, even if
 * the message was on its way for long; and a message that is sent again, because its acknowledgement was
 * lost, is stored once.
 */
export class SessionLog {
  readonly #store: Store;
  readonly #subject: string;
  readonly #ackTimeout = new AckTimeout();
  #last: number;
  #trouble: string | undefined;

  /** `last` is the sequence number of the message that the log ends with; 0 for none. */
  constructor(store: Store, subject: string, last: number) {
    this.#store = store;
    this.#subject = subject;
    this.#last = last;
  }

  /** The sequence number of the last message, as far as this side knows. */
  get last(): number {
    return this.#last;
  }

  /** Why the server does not store the message that is to be appended, if it says so: its store may be full. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Notes that a message was read. */
  noteRead(sequence: number): void {
    this.#last = sequence;
  }

  /**
   * Appends a message; tries again until the server has answered. Returns false if the log ends with
   * another message than is known here, or if `isOver()` before the answer.
   */
  async append(bytes: Uint8Array, isOver: () => boolean): Promise<boolean> {
    while (!isOver()) {
      const answer = await this.#try(bytes);
      if (answer !== undefined) return answer;
      await pause(PAUSE_MS);
    }
    return false;
  }

  // Undefined if the server did not answer.
  async #try(bytes: Uint8Array): Promise<boolean | undefined> {
    const expect = { lastSubjectSequence: this.#last };
    try {
      const { seq } = await this.#ackTimeout.during((timeout) =>
        this.#store.client.publish(this.#subject, bytes, { expect, timeout })
      );
      this.#last = seq;
      this.#trouble = undefined;
      return true;
    } catch (error) {
      const { code, message } = error as { code?: unknown; message?: string };
      if (code === WRONG_LAST_SEQUENCE) return await this.#wasStored(bytes);
      this.#trouble = typeof code === "number" ? message : undefined;
      return undefined;
    }
  }

  // An earlier attempt may have been stored and its answer lost. No two messages of a writer are equal.
  async #wasStored(bytes: Uint8Array): Promise<boolean | undefined> {
    const { manager, stream } = this.#store;
    try {
      const found = await manager.direct.getMessage(stream, { last_by_subj: this.#subject });
      if (found === null || found.seq <= this.#last || !isEqual(found.data, bytes)) return false;
      this.#last = found.seq;
      return true;
    } catch {
      return undefined;
    }
  }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
