/** The scheduler's side of the time in which a worker serves its run. @module */

import { pause } from "../../../scheduling/_base/time.ts";
import { WorkerLostError } from "../../../scheduling/errors.ts";
import type { Call, OutputListener } from "../../../scheduling/executor.ts";
import type { FunctionSource } from "../../../scheduling/function.ts";
import { decodeItems } from "../_wire/encoding.ts";
import type { LogEvent, WorkerDescription } from "../_wire/messages.ts";
import { MARK, PartReader } from "../_wire/parts.ts";
import type { SessionLog } from "../_wire/session_log.ts";
import { isShort } from "../_wire/short_calls.ts";
import type { Broker } from "./broker.ts";
import { CommandSender } from "./command_sender.ts";
import type { Patience, Silence } from "./liveness.ts";
import { LookAhead } from "./look_ahead.ts";
import { Pulse } from "./pulse.ts";
import { RemoteClock } from "./remote_clock.ts";
import { type SentCall, SentCalls, type SentCallsRoute } from "./sent_calls.ts";

const PAUSE_MS = 50;
// What was read is removed from the server after so many messages or bytes.
const REMOVE_AFTER = 500;
const REMOVE_AFTER_BYTES = 2 ** 23;

/** What a session needs. */
export interface SessionSettings {
  readonly id: string;
  readonly worker: WorkerDescription;
  /** How many of its workers the run uses. */
  readonly slots: number;
  /** The number of its first worker in the statistics. */
  readonly firstNumber: number;
  readonly initializer: FunctionSource | undefined;
  readonly startTimeout: number | undefined;
  readonly patience: Patience;
  readonly broker: Broker;
  readonly calls: Pick<SentCallsRoute, "functions" | "values" | "nextId">;
  readonly output: OutputListener | undefined;
}

/** What becomes of a session, and of its calls. */
export interface SessionObserver {
  /** It may take more calls. */
  changed(session: Session): void;
  /** The worker with this number has run a call to its end. */
  callEnded(session: Session, worker: number): void;
  /** Its worker returns calls that have not begun. */
  returned(calls: readonly SentCall[]): void;
  /** It has ended, and so have the calls it had; `unbegun` have not begun. `reason`: it was lost. */
  closed(session: Session, unbegun: readonly SentCall[], reason: Silence | undefined): void;
}

/** One session. */
export class Session {
  readonly id: string;
  readonly worker: WorkerDescription;
  readonly slots: number;
  readonly firstNumber: number;
  readonly calls: SentCalls;
  readonly #settings: SessionSettings;
  readonly #observer: SessionObserver;
  readonly #log: SessionLog;
  readonly #reader = new PartReader();
  readonly #sender: CommandSender;
  readonly #clock = new RemoteClock();
  readonly #pulse: Pulse;
  readonly #ahead: LookAhead;
  readonly #requests = new Map<number, (ids: readonly number[]) => void>();
  #requestCount = 0;
  #state: "joining" | "open" | "leaving" | "ending" | "closed" = "joining";
  #workerTrouble: string | undefined;
  #unremoved = 0;
  #unremovedBytes = 0;

  constructor(settings: SessionSettings, observer: SessionObserver) {
    const { id, worker, slots, firstNumber, patience, broker, calls } = settings;
    this.id = id;
    this.worker = worker;
    this.slots = slots;
    this.firstNumber = firstNumber;
    this.#settings = settings;
    this.#observer = observer;
    this.#log = broker.logOf(id);
    this.#ahead = new LookAhead(slots);
    this.#sender = new CommandSender({
      maxPartBytes: broker.maxPartBytes,
      publish: (bytes) => broker.tell(id, bytes),
      request: (bytes, timeout) => broker.request(id, bytes, timeout),
      answered: (ack) => {
        this.#pulse.noteSign();
        this.#clock.observe(ack);
        this.#workerTrouble = ack.trouble;
      },
    });
    this.#pulse = new Pulse(patience, {
      ping: (timeout) => this.#sender.ping(timeout),
      serverAnswers: (timeout) => broker.answersWithin(timeout),
      connectedMs: () => broker.connectedMs,
    });
    this.calls = new SentCalls({
      ...calls,
      clock: this.#clock,
      send: (command) => this.#sender.send(command),
      numberOf: (slot) => firstNumber + slot - 1,
      ended: (worker) => this.#observer.callEnded(this, worker),
      left: () => this.#observer.changed(this),
    });
  }

  /** Whether it takes calls. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Whether it takes calls, or is about to. */
  get isServing(): boolean {
    return this.isOpen || this.#state === "joining";
  }

  /** How many calls it may run at a time from now on. */
  get usableSlots(): number {
    return this.isServing ? this.slots : Math.min(this.slots, this.calls.size);
  }

  /** Begins: from now on the worker may write into its log. */
  async begin(): Promise<void> {
    // It may be dropped meanwhile: a worker that was not welcomed writes nothing.
    const isOver = () => this.#state !== "joining";
    if (!await this.#log.append(MARK, isOver) || isOver()) return;
    const { output, initializer, startTimeout, patience } = this.#settings;
    this.#sender.send({
      type: "welcome",
      last: this.#log.last,
      slots: this.slots,
      capturesOutput: output !== undefined,
      patience: patience.silent,
      ...(startTimeout === undefined ? {} : { startTimeout }),
      ...(initializer === undefined ? {} : { initializer }),
    });
    this.#state = "open";
    this.#observer.changed(this);
  }

  /** Why the server does not store what either side writes, if it says so. */
  get trouble(): string | undefined {
    return this.#log.trouble ?? this.#workerTrouble;
  }

  /** Whether it enforces the limits of a call. */
  suits({ limits }: Call): boolean {
    const enforced: readonly string[] = this.worker.limits;
    return Object.keys(limits).every((name) => enforced.includes(name));
  }

  /** Whether it should get another call, which takes so many milliseconds, if that is known. */
  accepts(expectedMs: number | undefined): boolean {
    if (!this.isOpen) return false;
    if (this.calls.size < this.slots) return true;
    return isShort(expectedMs) && this.#ahead.hasRoom(this.calls);
  }

  /** How much of it is in use. */
  get load(): number {
    return this.calls.size / this.slots;
  }

  /** Sends a call, at the latest with `flush()`: short ones go together. */
  send(call: Call, expectedMs: number | undefined): void {
    const canWait = isShort(expectedMs) && call.channel === undefined && !hasLimits(call);
    if (canWait) return this.calls.add(call);
    this.calls.flush();
    this.calls.add(call);
    this.calls.flush();
  }

  flush(): void {
    this.calls.flush();
  }

  /** Takes back those of the calls that have not begun. */
  async takeBack(calls: readonly SentCall[]): Promise<SentCall[]> {
    const request = ++this.#requestCount;
    const answer = Promise.withResolvers<readonly number[]>();
    this.#requests.set(request, answer.resolve);
    this.#sender.send({ type: "take-back", request, calls: calls.map(({ id }) => id) });
    return this.calls.take(await answer.promise);
  }

  /** The worker is to drop a shared value. */
  release(value: number): void {
    this.#sender.send({ type: "release", value });
  }

  /** Reads a message of its log. */
  read(sequence: number, bytes: Uint8Array): void {
    if (this.#state === "closed") return;
    this.#log.noteRead(sequence);
    this.#pulse.noteSign();
    this.#handleAll(bytes);
    this.#unremovedBytes += bytes.length;
    if (++this.#unremoved < REMOVE_AFTER && this.#unremovedBytes < REMOVE_AFTER_BYTES) return;
    this.#unremoved = 0;
    this.#unremovedBytes = 0;
    this.#settings.broker.removeRead(this.id, sequence);
  }

  /** Asks for a sign of life. */
  async ping(): Promise<void> {
    if (this.#isClosed || this.#state === "ending") return;
    const silence = await this.#pulse.ask();
    if (silence !== undefined) await this.drop(silence);
  }

  /**
   * Ends the session of a worker that counts as lost. Once the end stands in the log, the worker can neither
   * begin a call nor report one.
   */
  async drop(silence: Silence): Promise<void> {
    if (this.#state === "ending" || this.#state === "closed") return;
    this.#state = "ending";
    // Refused while there are messages of the worker that were not read.
    while (!this.#isClosed && !await this.#log.append(MARK, () => this.#isClosed)) {
      await pause(PAUSE_MS);
    }
    this.#close(silence);
  }

  /** Ends the session with the run. */
  async end(): Promise<void> {
    if (this.#state === "closed") return;
    this.#state = "closed";
    await this.#sender.finish({ type: "end" });
  }

  /** Ends at once, without a word to the worker. */
  abandon(): void {
    this.#state = "closed";
    this.#sender.close();
    this.#answerRequests();
  }

  get #isClosed(): boolean {
    return this.#state === "closed";
  }

  #handleAll(bytes: Uint8Array): void {
    try {
      const read = this.#reader.read(bytes);
      this.#sender.noteReceived(this.#reader.received);
      if (read === undefined) return;
      for (const event of decodeItems(read) as LogEvent[]) this.#handle(event);
    } catch (error) {
      this.drop({ reason: "died", message: `What its worker wrote cannot be read: ${error}` });
    }
  }

  #handle(event: LogEvent): void {
    switch (event.type) {
      case "claimed":
        return this.calls.claimed(event);
      case "started":
        return this.calls.started(event);
      case "ended":
        return this.calls.ended(event);
      case "comm":
        return this.calls.receive(event);
      case "output":
        return this.calls.print(event, this.#settings.output);
      case "returned":
        this.#requests.get(event.request)?.(event.calls);
        return void this.#requests.delete(event.request);
      case "leaving":
        if (this.#state === "open") this.#state = "leaving";
        return this.#observer.returned(this.calls.take(event.calls));
      case "left":
        return this.#close(undefined);
    }
  }

  #close(silence: Silence | undefined): void {
    if (this.#isClosed) return;
    this.#state = "closed";
    this.#sender.close();
    // The last message stays: what the worker still wants to write must name it.
    this.#settings.broker.removeRead(this.id, this.#log.last);
    const all = [...this.calls];
    this.calls.take(all.map(({ id }) => id));
    const end = silence ?? { reason: "died", message: "Its worker has ended" };
    for (const sent of all) if (sent.isClaimed) reportLost(sent, end);
    const unbegun = all.filter(({ isClaimed }) => !isClaimed);
    this.#answerRequests();
    this.#observer.closed(this, unbegun, silence);
  }

  // Nothing is returned any more: what has not begun is passed on by the end of the session.
  #answerRequests(): void {
    for (const answer of this.#requests.values()) answer([]);
    this.#requests.clear();
  }
}

function hasLimits({ limits }: Call): boolean {
  return Object.keys(limits).length > 0;
}

function reportLost({ call, startedAt, worker }: SentCall, { reason, message }: Silence): void {
  if (startedAt !== undefined) call.started(startedAt, worker);
  const text = `${call.name} was lost: ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
  call.fail(new WorkerLostError(text, reason));
}
