/** A program with workers: serves the runs of a queue, several at a time. @module */

import type { Msg, NatsConnection, Subscription } from "@nats-io/nats-core";
import { callAfter, now } from "../../../scheduling/_base/time.ts";
import {
  type Announcement,
  type CommandAck,
  type Hello,
  PROTOCOL,
  type WorkerDescription,
} from "../_wire/messages.ts";
import { GONE, maxPartBytes } from "../_wire/parts.ts";
import { hasNoResponders, readJson, refusalOf } from "../_wire/replies.ts";
import { openStore, type Store } from "../_wire/session_log.ts";
import { Subjects } from "../_wire/subjects.ts";
import type { MakeExecutor } from "./open_session.ts";
import { RemoteSession } from "./remote_session.ts";
import { Slots } from "./slots.ts";

const TICK_MS = 1_000;
// A scheduler that has not said a word for so many ticks is asked whether it is there.
const SILENT_TICKS = 30;
// One that is there and does not answer may compute for so many ticks.
const MAX_SILENT_TICKS = 600;
const PROBE_TIMEOUT_MS = 500;
// Parts of shared values arrive late on a slow connection.
const FETCH_TIMEOUT_MS = 15_000;

/** What a host takes from the program. */
export interface HostSettings {
  readonly queue: string;
  readonly description: WorkerDescription;
  readonly acceptsSource: boolean;
  /** Ends the program after so many milliseconds without a call. */
  readonly idleExit: number | undefined;
  readonly makeExecutor: MakeExecutor;
  /** Tells the operator what happens. */
  log(text: string): void;
}

/** A run that this worker serves. */
interface Served {
  readonly session: RemoteSession;
  readonly subscription: Subscription;
  silentTicks: number;
}

/** One program with workers. */
export class WorkerHost {
  readonly #connection: NatsConnection;
  readonly #settings: HostSettings;
  readonly #store: Store;
  readonly #subjects: Subjects;
  readonly #slots: Slots;
  // By run, with the ids of their sessions.
  readonly #served = new Map<string, Served & { readonly id: string }>();
  readonly #ended = Promise.withResolvers<void>();
  #failure: Error | undefined;
  #isConnected = true;
  #isLeaving = false;
  #stopTicks = () => {};

  static async open(connection: NatsConnection, settings: HostSettings): Promise<WorkerHost> {
    const subjects = new Subjects(settings.queue);
    await checkAnswers(connection, subjects);
    return new WorkerHost(
      connection,
      settings,
      subjects,
      await openStore(connection, subjects.stream, FETCH_TIMEOUT_MS),
    );
  }

  private constructor(
    connection: NatsConnection,
    settings: HostSettings,
    subjects: Subjects,
    store: Store,
  ) {
    this.#connection = connection;
    this.#settings = settings;
    this.#subjects = subjects;
    this.#store = store;
    this.#slots = new Slots(settings.description.slots);
  }

  /**
   * Serves until the signal, until it was idle for long, or until the connection is closed; rejects if the
   * server forbids it, or if no thread or process can be started.
   */
  async serve(signal?: AbortSignal): Promise<void> {
    const runs = this.#connection.subscribe(this.#subjects.runs, {
      callback: (_error, message) => this.#hear(message),
    });
    const leave = () => this.leave();
    signal?.addEventListener("abort", leave, { once: true });
    if (signal?.aborted) leave();
    this.#watch();
    this.#tickLater();
    this.#say({ from: this.#settings.description });
    await this.#ended.promise;
    signal?.removeEventListener("abort", leave);
    this.#stopTicks();
    runs.unsubscribe();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Takes no more calls, and ends when those that have begun have ended. */
  leave(): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    this.#settings.log(`takes no more calls; ${this.#slots.used} are running`);
    for (const { session } of this.#served.values()) session.leave();
    this.#endIfDone();
  }

  /** Ends all calls at once. */
  async abandon(): Promise<void> {
    this.#isLeaving = true;
    await Promise.all([...this.#served.values()].map(({ session }) => session.abandon()));
    this.#endIfDone();
  }

  #hear({ data }: Pick<Msg, "data">): void {
    if (this.#isLeaving) return;
    const announcement = readJson<Announcement>(data);
    if (typeof announcement?.run !== "string") return;
    const { run } = announcement;
    const served = this.#served.get(run);
    const { description } = this.#settings;
    if (served !== undefined) return this.#say({ from: description, run, session: served.id });
    if (!fits(announcement, description)) return this.#say({ from: description, run });
    const session = this.#join(run);
    this.#say({ from: description, run, session });
  }

  #join(run: string): string {
    const id = crypto.randomUUID();
    const { queue: _queue, description, acceptsSource, makeExecutor, log } = this.#settings;
    const session = new RemoteSession({
      store: this.#store,
      run: this.#subjects.ofRun(run),
      id,
      maxPartBytes: this.#maxPartBytes,
      slots: this.#slots,
      acceptsSource,
      host: description.host,
      makeExecutor,
      onBroken: (error) => {
        this.#failure = error;
        this.leave();
      },
      onEnd: (why) => {
        if (why !== undefined) log(`ends its calls of a run: ${why}`);
        this.#forget(run, id);
      },
    });
    const subscription = this.#connection.subscribe(this.#subjects.commands(id), {
      callback: (error, message) => {
        if (error !== null) return;
        const served = this.#served.get(run);
        if (served?.id !== id) return;
        served.silentTicks = 0;
        this.#pass(message.data, session);
        if (message.reply) message.respond(JSON.stringify(ackOf(session)));
      },
    });
    this.#served.set(run, { id, session, subscription, silentTicks: 0 });
    return id;
  }

  #pass(data: Uint8Array, session: RemoteSession): void {
    if (data.length === 0) return;
    if (data.length === GONE.length) return void session.abandon("its scheduler has given it up");
    try {
      session.receive(data);
    } catch (error) {
      session.abandon(`a command cannot be read: ${error}`);
    }
  }

  #forget(run: string, id: string): void {
    const served = this.#served.get(run);
    if (served?.id !== id) return;
    this.#served.delete(run);
    served.subscription.unsubscribe();
    this.#endIfDone();
  }

  get #maxPartBytes(): number {
    return maxPartBytes(this.#connection.info?.max_payload);
  }

  #say(hello: Hello): void {
    try {
      this.#connection.publish(this.#subjects.workers, JSON.stringify(hello));
    } catch {
      // The connection is being closed: the worker is about to end.
    }
  }

  #tickLater(): void {
    this.#stopTicks = callAfter(TICK_MS, () => {
      this.#tickLater();
      this.#tick();
    });
  }

  #tick(): void {
    if (this.#isIdle) this.leave();
    // A scheduler cannot be heard without a connection.
    if (!this.#isConnected) return;
    for (const [run, served] of this.#served) {
      if (++served.silentTicks < Math.max(SILENT_TICKS, served.session.patience)) continue;
      this.#probe(run, served);
    }
  }

  async #probe(run: string, { session, silentTicks }: Served): Promise<void> {
    let isThere = true;
    try {
      await this.#connection.request(this.#subjects.scheduler(run), "", {
        timeout: PROBE_TIMEOUT_MS,
      });
    } catch (error) {
      const patience = Math.max(MAX_SILENT_TICKS, session.patience);
      isThere = !hasNoResponders(error) && silentTicks < patience;
    }
    if (!isThere) session.abandon("its scheduler has gone");
  }

  get #isIdle(): boolean {
    const { idleExit } = this.#settings;
    return idleExit !== undefined && this.#slots.idleMs >= idleExit;
  }

  async #watch(): Promise<void> {
    this.#connection.closed().then((error) => {
      const reason = error instanceof Error ? `: ${error.message}` : "";
      this.#fail(new Error(`The connection to the NATS server was closed${reason}`));
    });
    for await (const status of this.#connection.status()) {
      const { type } = status;
      if (type === "error") this.#fail(refusalOf(status.error));
      if (type === "disconnect") {
        this.#isConnected = false;
        this.#settings.log("has lost its connection to the server");
      }
      if (type === "reconnect") {
        this.#isConnected = true;
        this.#settings.log("is connected again");
      }
    }
  }

  #fail(error: Error | undefined): void {
    if (error === undefined || this.#failure !== undefined) return;
    this.#failure = error;
    this.abandon();
  }

  #endIfDone(): void {
    if (this.#isLeaving && this.#served.size === 0) this.#ended.resolve();
  }
}

/** Rejects if the server does not let this program hear answers, which it needs first when calls wait for it. */
async function checkAnswers(connection: NatsConnection, subjects: Subjects): Promise<void> {
  try {
    await connection.request(subjects.scheduler("none"), "", { timeout: PROBE_TIMEOUT_MS });
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal !== undefined) throw refusal;
  }
}

function ackOf({ received, trouble }: RemoteSession): CommandAck {
  return { received, clock: now(), ...(trouble === undefined ? {} : { trouble }) };
}

function fits({ protocol, codeVersion }: Announcement, own: WorkerDescription): boolean {
  return protocol === own.protocol && codeVersion === own.codeVersion;
}

/** What a worker says of itself, but for what its options say. */
export function describeMachine(): Pick<
  WorkerDescription,
  "worker" | "cores" | "deno" | "protocol"
> {
  return {
    worker: crypto.randomUUID(),
    cores: navigator.hardwareConcurrency,
    deno: Deno.version.deno,
    protocol: PROTOCOL,
  };
}
