/** The scheduler's connection to the server, for one run. @module */

import type { NatsConnection } from "@nats-io/nats-core";
import type { JsMsg, StreamInfo } from "@nats-io/jetstream";
import { callAfter, now, pause, settlesInGrace } from "../../../scheduling/_base/time.ts";
import { BrokerLostError } from "../../../scheduling/errors.ts";
import { type NatsConnect, openConnection } from "../connect.ts";
import { AckTimeout } from "../_wire/ack_timeout.ts";
import { readHello } from "../_wire/hello.ts";
import { inParallel } from "../_wire/in_parallel.ts";
import type { Announcement, Hello } from "../_wire/messages.ts";
import { maxPartBytes } from "../_wire/parts.ts";
import { refusalOf } from "../_wire/replies.ts";
import { openStore, SessionLog, type Store } from "../_wire/session_log.ts";
import { type RunSubjects, sessionOf, Subjects } from "../_wire/subjects.ts";
import { LogFollower } from "./log_follower.ts";
import { ensureStream, reasonOf } from "./queue_stream.ts";

const CHECK_MS = 5_000;
const PAUSE_MS = 50;
// A server that is gone for longer keeps what it has, which goes by age.
const MAX_CLOSE_MS = 10_000;
const STREAM_NOT_FOUND = 10_059;

/** Where the run meets its workers. */
export interface BrokerSettings {
  readonly connect: NatsConnect;
  readonly queue: string;
  readonly run: string;
}

/** Takes what comes from the server. */
export interface BrokerListener {
  /** A message in the log of a session. */
  logged(session: string, sequence: number, bytes: Uint8Array): void;
  /** A worker has announced itself. */
  announced(hello: Hello): void;
  /** The server has lost what it stored, or the connection was closed: nothing more comes. */
  brokerLost(error: BrokerLostError): void;
}

/** A connection, and what the run stores on the server. */
export class Broker {
  readonly #connection: NatsConnection;
  readonly #store: Store;
  readonly #subjects: Subjects;
  readonly #run: RunSubjects;
  readonly #listener: BrokerListener;
  readonly #created: string;
  readonly #follower: LogFollower;
  readonly #ackTimeout = new AckTimeout();
  #isConnected = true;
  #reconnectedAt = -Infinity;
  #isOver = false;
  // The checks, one after the other.
  #checking: Promise<void> | undefined;
  #stopChecks = () => {};

  /** Connects; rejects with `BrokerLostError` if that fails. */
  static async open(settings: BrokerSettings, listener: BrokerListener): Promise<Broker> {
    const { connect, queue, run } = settings;
    let connection: NatsConnection | undefined;
    let broker = undefined as Broker | undefined;
    try {
      connection = await openConnection(connect, `scheduler of queue ${queue}`);
      const subjects = new Subjects(queue);
      const store = await openStore(connection, subjects.stream);
      const info = await ensureStream(store, subjects);
      broker = new Broker(connection, store, subjects, run, info, listener);
      await broker.#follower.start();
      return broker;
    } catch (cause) {
      if (broker !== undefined) broker.#stop();
      await connection?.close().catch(() => {});
      const reason = reasonOf(refusalOf(cause) ?? cause);
      const place = typeof connect === "string" ? ` of ${connect}` : "";
      throw new BrokerLostError(
        `The NATS server${place} cannot be used for the queue ${queue}: ${reason}`,
        { cause },
      );
    }
  }

  private constructor(
    connection: NatsConnection,
    store: Store,
    subjects: Subjects,
    run: string,
    info: StreamInfo,
    listener: BrokerListener,
  ) {
    this.#connection = connection;
    this.#store = store;
    this.#subjects = subjects;
    this.#run = subjects.ofRun(run);
    this.#created = info.created;
    this.#listener = listener;
    const take = (message: JsMsg) =>
      listener.logged(sessionOf(message.subject), message.seq, message.data);
    this.#follower = new LogFollower(store, this.#run.sessions, info.state.last_seq, take);
    connection.subscribe(subjects.workers, { callback: (_error, message) => this.#hear(message) });
    // Workers ask it whether this program is there.
    connection.subscribe(subjects.scheduler(run), {
      callback: (error, message) => {
        if (error === null) message.respond();
      },
    });
    this.#watch();
    this.#checkLater();
  }

  /** Whether the server answers within so many milliseconds. */
  async answersWithin(ms: number): Promise<boolean> {
    if (!this.#isConnected) return false;
    return await settlesInGrace(this.#connection.flush(), ms).catch(() => false);
  }

  /** For how many milliseconds the connection has lasted since it was lost; Infinity if it never was. */
  get connectedMs(): number {
    return now() - this.#reconnectedAt;
  }

  /** How many bytes a message may have. */
  get maxPartBytes(): number {
    return maxPartBytes(this.#connection.info?.max_payload);
  }

  /** Tells all workers of the queue of the run. */
  announce(announcement: Announcement): void {
    this.#publish(this.#subjects.runs, JSON.stringify(announcement));
  }

  /** The log of a session. */
  logOf(session: string): SessionLog {
    return new SessionLog(this.#store, this.#run.session(session), 0);
  }

  /** Sends to a session; rejects if there is no answer within the time. */
  async request(session: string, bytes: Uint8Array, timeout: number): Promise<Uint8Array> {
    const subject = this.#subjects.commands(session);
    return (await this.#connection.request(subject, bytes, { timeout })).data;
  }

  /** Sends to a session, which may not hear it. */
  tell(session: string, bytes: Uint8Array): void {
    this.#publish(this.#subjects.commands(session), bytes);
  }

  /** Stores a shared value; returns in how many parts. */
  async storeValue(id: number, bytes: Uint8Array): Promise<number> {
    const room = this.maxPartBytes;
    const parts = Math.max(1, Math.ceil(bytes.length / room));
    await inParallel(parts, async (part) => {
      const chunk = bytes.subarray(part * room, (part + 1) * room);
      await this.#storePart(this.#run.value(id, part), chunk);
    });
    return parts;
  }

  // Waits for a server that restarts.
  async #storePart(subject: string, chunk: Uint8Array): Promise<void> {
    while (!this.#isOver) {
      try {
        return void await this.#ackTimeout.during((timeout) =>
          this.#store.client.publish(subject, chunk, { timeout })
        );
      } catch (error) {
        if (typeof (error as { code?: unknown }).code === "number") throw error;
        await pause(PAUSE_MS);
      }
    }
  }

  /** Removes a shared value from the server. */
  async removeValue(id: number): Promise<void> {
    await this.#purge(this.#run.value(id, "*"));
  }

  /** Removes from the log of a session what comes before a message. */
  async removeRead(session: string, before: number): Promise<void> {
    await this.#purge(this.#run.session(session), before);
  }

  /** Removes all that the run has stored, and closes the connection. Waits for a server that restarts. */
  async close(): Promise<void> {
    if (this.#isOver) return;
    this.#stop();
    await settlesInGrace(this.#removeAll(), MAX_CLOSE_MS);
    await this.#connection.close();
  }

  async #removeAll(): Promise<void> {
    // It may be making a consumer.
    await this.#checking;
    for (;;) {
      while (!this.#isConnected && !this.#connection.isClosed()) await pause(PAUSE_MS);
      if (this.#connection.isClosed()) return;
      await this.#follower.stop();
      if (await this.#purge(this.#run.all)) return;
      await pause(PAUSE_MS);
    }
  }

  #hear({ data }: { readonly data: Uint8Array }): void {
    const hello = readHello(data);
    if (hello !== undefined) this.#listener.announced(hello);
  }

  #publish(subject: string, data: Uint8Array | string): void {
    try {
      if (!this.#isOver) this.#connection.publish(subject, data);
    } catch {
      // The program closes the connection: the run is about to learn of it.
    }
  }

  /** Returns whether the server has answered. What stays goes by age. */
  async #purge(filter: string, before?: number): Promise<boolean> {
    const { manager, stream } = this.#store;
    const options = before === undefined ? { filter } : { filter, seq: before };
    try {
      await manager.streams.purge(stream, options);
      return true;
    } catch (error) {
      return !/timeout|no responders|connection/i.test(String(error));
    }
  }

  async #watch(): Promise<void> {
    this.#connection.closed().then((error) => {
      const reason = error instanceof Error ? `: ${error.message}` : "";
      this.#lose(`The connection to the NATS server was closed${reason}`, error ?? undefined);
    });
    for await (const status of this.#connection.status()) {
      const { type } = status;
      const refusal = type === "error" ? refusalOf(status.error) : undefined;
      if (refusal !== undefined) this.#lose(refusal.message, refusal);
      if (type === "disconnect") {
        this.#isConnected = false;
        this.#follower.pause();
      }
      if (type === "reconnect") {
        this.#isConnected = true;
        this.#reconnectedAt = now();
        this.#check(true);
      }
    }
  }

  #checkLater(): void {
    this.#stopChecks = callAfter(CHECK_MS, async () => {
      await this.#check(!this.#follower.isReading);
      if (!this.#isOver) this.#checkLater();
    });
  }

  /** Checks that the server still has what was stored, and reads on with a new consumer if asked to. */
  #check(restarts: boolean): Promise<void> {
    const first = this.#checking ?? Promise.resolve();
    const checking = first.then(() => this.#checkNow(restarts));
    return this.#checking = checking;
  }

  async #checkNow(restarts: boolean): Promise<void> {
    if (this.#isOver || !this.#isConnected) return;
    const { lastRead } = this.#follower;
    try {
      const { created, state } = await this.#store.manager.streams.info(this.#store.stream);
      const isSame = created === this.#created && state.last_seq >= lastRead;
      if (!isSame) this.#lose("The NATS server has lost what it had stored");
      else if (restarts && !this.#isOver) await this.#follower.start();
    } catch (error) {
      if ((error as { code?: unknown }).code === STREAM_NOT_FOUND) {
        this.#lose(`The NATS server no longer has the stream ${this.#store.stream}`, error);
      }
    }
  }

  #lose(message: string, cause?: unknown): void {
    if (this.#isOver) return;
    this.#stop();
    this.#connection.close().catch(() => {});
    const text = `${message}: what its workers do for this run cannot be known`;
    this.#listener.brokerLost(new BrokerLostError(text, cause === undefined ? {} : { cause }));
  }

  #stop(): void {
    this.#isOver = true;
    this.#stopChecks();
  }
}
