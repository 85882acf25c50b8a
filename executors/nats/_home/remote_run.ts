/** One run: its queue, and the sessions with the workers of other machines. @module */

import { callAfter, queueMicrotask, settlesInGrace } from "../../../scheduling/_base/time.ts";
import { type BrokerLostError, WorkerLostError } from "../../../scheduling/errors.ts";
import type { Call, OutputListener } from "../../../scheduling/executor.ts";
import type { FunctionSource } from "../../../scheduling/function.ts";
import type { FunctionTable } from "../../_calls/function_table.ts";
import type { SharedValues } from "../../_calls/shared_values.ts";
import { type Hello, PROTOCOL, type WorkerDescription } from "../_wire/messages.ts";
import { GONE } from "../_wire/parts.ts";
import { Broker, type BrokerListener, type BrokerSettings } from "./broker.ts";
import type { Patience, Silence } from "./liveness.ts";
import { NeedQueues } from "./need_queues.ts";
import type { SentCall } from "./sent_calls.ts";
import { Session, type SessionObserver } from "./session.ts";
import { SessionSet } from "./session_set.ts";
import { StoredValues } from "./stored_values.ts";
import { WaitNotice, whyNobodyTakes } from "./wait_notice.ts";
import type { WorkerTable } from "./worker_table.ts";

const TICK_MS = 1_000;
const MAX_LOSSES = 3;
const END_TIMEOUT_MS = 2_000;

/** What a run takes from its executor. */
export interface RunSettings extends BrokerSettings {
  readonly codeVersion: string | undefined;
  /** How many calls may run at a time. */
  readonly maxSlots: number;
  readonly initializer: FunctionSource | undefined;
  readonly startTimeout: number | undefined;
  readonly patience: Patience;
  readonly functions: FunctionTable;
  readonly values: SharedValues;
  readonly table: WorkerTable;
  readonly output: OutputListener | undefined;
  /** The server has lost the run. */
  onBroken(): void;
}

/** One run, from its first call to its end. */
export class RemoteRun implements BrokerListener, SessionObserver {
  readonly #settings: RunSettings;
  readonly #queues = new NeedQueues();
  readonly #sessions = new SessionSet();
  // A worker may not know of the end of its session.
  readonly #ended = new Set<string>();
  readonly #losses = new WeakMap<Call, number>();
  readonly #notice: WaitNotice;
  readonly #opening: Promise<void>;
  #broker: Broker | undefined;
  #stored: StoredValues | undefined;
  #lastId = 0;
  #isPumping = false;
  #isOver = false;
  #refusals = 0;
  #stopTicks = () => {};

  constructor(settings: RunSettings) {
    this.#settings = settings;
    this.#notice = new WaitNotice(settings.queue);
    this.#opening = this.#open();
  }

  submit(call: Call): void {
    this.#queues.push(call);
    this.#pumpSoon();
  }

  cancel(call: Call): void {
    const held = this.#sessions.holding(call);
    if (held !== undefined) held.session.calls.cancel(held.sent);
    else this.#queues.noteSettled(call);
  }

  async takeBack(calls: readonly Call[]): Promise<Call[]> {
    const queued = this.#queues.takeOut(calls);
    const returned = await this.#sessions.takeBack(calls);
    // A worker may have returned calls in the meantime, or ended.
    return [...queued, ...returned, ...this.#queues.takeOut(calls)];
  }

  release(value: number): void {
    this.#stored?.release(value);
    for (const session of this.#sessions) session.release(value);
  }

  /** Ends all sessions and removes what the run has stored. */
  async end(): Promise<void> {
    this.#isOver = true;
    this.#stopTicks();
    // A connection that comes later is closed then.
    await settlesInGrace(this.#opening, END_TIMEOUT_MS);
    const sessions = [...this.#sessions];
    const ended = Promise.all(sessions.map((session) => session.end()));
    // A worker that does not answer ends by itself.
    await settlesInGrace(ended, END_TIMEOUT_MS);
    for (const session of sessions) {
      session.abandon();
      this.#forget(session, false);
    }
    this.#settings.table.forgetRefused();
    this.#stored?.close();
    await this.#broker?.close();
    // What was still sent to a worker that has gone has failed now, and leaves no timer.
    await ended;
  }

  // --- the server

  logged(session: string, sequence: number, bytes: Uint8Array): void {
    this.#sessions.get(session)?.read(sequence, bytes);
  }

  announced({ from, run, session }: Hello): void {
    if (run === undefined) return this.#announce();
    if (run !== this.#settings.run || this.#isOver) return;
    if (session !== undefined) {
      return this.#ended.has(session)
        ? this.#broker?.tell(session, GONE)
        : this.#join(session, from);
    }
    this.#refusals++;
    this.#settings.table.refuse(from);
  }

  brokerLost(error: BrokerLostError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopTicks();
    this.#stored?.close();
    this.#settings.onBroken();
    for (const session of this.#sessions) this.#settings.table.close(session, true);
    for (const { call } of this.#sessions.abandon()) call.fail(error);
    this.#queues.fail(error);
  }

  // --- the sessions

  changed(): void {
    this.#pumpSoon();
  }

  callEnded(session: Session, worker: number): void {
    this.#settings.table.noteDone(session, worker);
  }

  returned(calls: readonly SentCall[]): void {
    this.#queues.putBack(calls.map(({ call }) => call).filter((call) => !call.settled));
    this.#pumpSoon();
  }

  closed(session: Session, unbegun: readonly SentCall[], reason: Silence | undefined): void {
    this.#forget(session, reason !== undefined);
    this.#ended.add(session.id);
    const [next] = unbegun;
    if (reason !== undefined && next !== undefined) this.#noteLoss(next.call, reason);
    this.returned(unbegun);
  }

  // --- inside

  async #open(): Promise<void> {
    try {
      this.#broker = await Broker.open(this.#settings, this);
    } catch (error) {
      return this.brokerLost(error as BrokerLostError);
    }
    if (this.#isOver) return await this.#broker.close();
    this.#stored = new StoredValues(this.#broker, this.#settings.values);
    this.#announce();
    this.#tickLater();
    this.#pumpSoon();
  }

  #announce(): void {
    if (this.#isOver) return;
    const { run, codeVersion } = this.#settings;
    const version = codeVersion === undefined ? {} : { codeVersion };
    this.#broker?.announce({ protocol: PROTOCOL, run, ...version });
  }

  #join(id: string, worker: WorkerDescription): void {
    if (this.#broker === undefined || this.#stored === undefined) return;
    if (this.#sessions.get(id) !== undefined) return;
    const slots = Math.min(worker.slots, this.#settings.maxSlots - this.#sessions.slots);
    // Asked again with the next announcement.
    if (slots <= 0) return;
    const { functions, initializer, startTimeout, patience, table, output } = this.#settings;
    const firstNumber = table.open(worker, slots);
    const calls = { functions, values: this.#stored, nextId: () => ++this.#lastId };
    const broker = this.#broker;
    const settings = {
      id,
      worker,
      slots,
      firstNumber,
      initializer,
      startTimeout,
      patience,
      broker,
      calls,
      output,
    };
    const session = new Session(settings, this);
    this.#sessions.add(session);
    table.began(session);
    session.begin();
  }

  #forget(session: Session, isLost: boolean): void {
    if (this.#sessions.delete(session)) this.#settings.table.close(session, isLost);
  }

  #noteLoss(call: Call, { message }: Silence): void {
    const count = (this.#losses.get(call) ?? 0) + 1;
    this.#losses.set(call, count);
    if (count < MAX_LOSSES || call.settled) return;
    const text =
      `${call.name} cannot be delivered, because ${count} workers ended before it started; ` +
      `the last time: ${message}`;
    call.fail(new WorkerLostError(text, "undeliverable"));
  }

  #tickLater(): void {
    this.#stopTicks = callAfter(TICK_MS, () => {
      this.#tick();
      if (!this.#isOver) this.#tickLater();
    });
  }

  #tick(): void {
    for (const session of this.#sessions) session.ping();
    this.#announce();
    this.#notice.tick(this.#whyWaiting());
    if (!this.#queues.isEmpty) return;
    for (const taking of this.#sessions.takeBackOverdue()) {
      taking.then((sent) => this.returned(sent));
    }
  }

  /** Why calls wait for something that does not come by itself. */
  #whyWaiting(): string | undefined {
    const { trouble } = this.#sessions;
    if (trouble !== undefined) return `the NATS server does not store their messages: ${trouble}`;
    const call = this.#queues.peek((call) => !this.#sessions.suit(call));
    if (call === undefined) return undefined;
    return whyNobodyTakes({
      call,
      hasWorkers: this.#sessions.isServing,
      hasRefused: this.#refusals > 0,
      codeVersion: this.#settings.codeVersion,
    });
  }

  #pumpSoon(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    queueMicrotask(() => {
      this.#isPumping = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#isOver || this.#stored === undefined) return;
    const used = new Set<Session>();
    for (;;) {
      const call = this.#queues.peek((call) =>
        this.#sessions.bestFor(call, this.#expectedMs(call)) !== undefined
      );
      const session = call && this.#sessions.bestFor(call, this.#expectedMs(call));
      if (call === undefined || session === undefined || !this.#isStored(call)) break;
      this.#queues.shift(call);
      session.send(call, this.#expectedMs(call));
      used.add(session);
    }
    for (const session of used) session.flush();
  }

  /** Whether the shared values of a call are stored. Calls behind it wait for them too, to keep their order. */
  #isStored(call: Call): boolean {
    const storing = this.#stored?.store(call);
    storing?.then(() => this.#pumpSoon(), (cause) => {
      const error = new Error(`A shared value of ${call.name} could not be stored: ${cause}`, {
        cause,
      });
      if (!call.settled) call.fail(error);
      this.#pumpSoon();
    });
    return storing === undefined;
  }

  #expectedMs(call: Call): number | undefined {
    return this.#settings.functions.lookUp(call.function).time;
  }
}
