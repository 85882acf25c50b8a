/** The life of one worker: start, calls, then loss or termination. @module */

import { withoutContext } from "../../scheduling/_base/async_context.ts";
import { callAfter, callAfterReading } from "../../scheduling/_base/time.ts";
import type {
  Call,
  CallProgress,
  OutputListener,
  RunningCall,
  WorkerState,
} from "../../scheduling/executor.ts";
import type { TaskFunction } from "../../scheduling/function.ts";
import type { Batch } from "../_calls/batch_size.ts";
import type { InFlight, LostCalls, SettledCall } from "../_calls/in_flight.ts";
import type { PoolTables } from "../_calls/sent_to_worker.ts";
import type { LinkListener, SpawnWorker, WorkerEnd, WorkerLink } from "../_links/worker_link.ts";
import type { CallPlace } from "../_wire/protocol.ts";
import { reportUncaught } from "./stderr.ts";
import { WorkerConnection } from "./worker_connection.ts";

/** What a slot reports to its pool. */
export interface SlotObserver {
  /** The worker is ready for calls. */
  ready(slot: WorkerSlot): void;
  /** The worker has finished a call or a batch. */
  finished(slot: WorkerSlot, settled: readonly SettledCall[]): void;
  /** The worker has ended on its own; `wasReady` is false if it failed to start. */
  lost(slot: WorkerSlot, end: WorkerEnd, calls: LostCalls, wasReady: boolean): void;
  /** What became of other calls is known; `end` is how the worker ended if the pool did not end it. */
  resolved(slot: WorkerSlot, end: WorkerEnd | undefined, calls: LostCalls): void;
}

/** How the worker of a slot starts. */
export interface SlotStart {
  readonly spawn: SpawnWorker;
  /** Milliseconds after which a worker that is not ready counts as failed to start. */
  readonly timeout: number;
  /** The function that the worker runs before any call. */
  readonly initializer: TaskFunction | undefined;
  /** How many calls the worker may run. */
  readonly maxCalls: number;
  /** Takes what is printed in the worker; undefined to let it print as usual. */
  readonly output: OutputListener | undefined;
}

const TIME_UP = { reason: "died", message: "Its time was up", limit: "wallTime" } as const;

/** One worker of a pool. */
export class WorkerSlot {
  readonly link: WorkerLink;
  /** Its number in statistics, which it takes over from a worker that it replaces. */
  readonly number: number;
  /** When it became idle, on the clock of `performance.now()`, if that is of interest. */
  idleSince = 0;
  readonly #maxCalls: number;
  readonly #observer: SlotObserver;
  readonly #initializer: TaskFunction | undefined;
  readonly #connection: WorkerConnection;
  readonly #inFlight: InFlight;
  // Limits the start, then the wall time of a call.
  #stopTimer: () => void;
  #lastName = "";
  #state: "starting" | "ready" | "over" = "starting";
  // How it ended, unless the pool has ended it.
  #end: WorkerEnd | undefined;
  #closedIdle = false;
  #retired = false;
  #callsDone = 0;

  constructor(number: number, start: SlotStart, tables: PoolTables, observer: SlotObserver) {
    this.number = number;
    this.#maxCalls = start.maxCalls;
    this.#observer = observer;
    this.#initializer = start.initializer;
    const listener: LinkListener = {
      ready: () => this.#ready(),
      started: () => this.#callStarted(),
      message: (channel, message) => this.#connection.channels.receive(channel, message),
      capturesOutput: start.output !== undefined,
      printed: (printed) => this.#connection.output?.receive(printed),
      wrote: (text, stream) => {
        const during = this.#inFlight.runningPlace;
        this.#connection.output?.receive({ text, stream, during });
      },
      reported: (report) => this.#inFlight.receive(report),
      answered: (messageNumber) => this.#inFlight.markAnswered(messageNumber),
      uncaught: (error, during) => this.#uncaught(error, during),
      ended: (end) => this.#connection.channels.whenReceived(() => this.#lose(end)),
    };
    // The worker outlives the request whose call starts it, so it must not inherit that context.
    this.link = withoutContext(() => start.spawn(listener));
    this.#connection = new WorkerConnection(this.link, {
      tables,
      output: start.output,
      reportBefore: (place) => this.#reportBefore(place),
    });
    this.#inFlight = this.#connection.calls;
    // Last, so that a worker that cannot be spawned leaves no timer behind.
    this.#stopTimer = callAfter(start.timeout, () => {
      this.#lose({
        reason: "died",
        message: `Its worker was not ready within ${start.timeout} ms`,
      });
    });
  }

  /** How many calls its worker has run. */
  get callsDone(): number {
    return this.#callsDone;
  }

  /** How many calls may still be sent to its worker. */
  get callsLeft(): number {
    return this.#maxCalls - this.#callsDone - this.#inFlight.size;
  }

  /** Whether it accepts no more calls, though it may still run one. */
  get retired(): boolean {
    return this.#retired || this.callsLeft <= 0;
  }

  /** Makes it accept no more calls. */
  retire(): void {
    this.#retired = true;
  }

  get state(): WorkerState {
    if (this.starting) return "starting";
    return this.idle ? "idle" : "busy";
  }

  /** The call that its worker runs. */
  get call(): RunningCall | undefined {
    const running = this.#inFlight.running;
    if (running === undefined || running.call.settled) return undefined;
    const { name, id } = running.call;
    return { task: name, future: id, startedAt: running.startedAt };
  }

  /** Whether its worker is not ready yet. */
  get starting(): boolean {
    return this.#state === "starting";
  }

  /** Whether it will be idle without running a call before. */
  get soonIdle(): boolean {
    return this.starting || this.#inFlight.finishing;
  }

  /** Whether it has no calls. */
  get idle(): boolean {
    return this.#inFlight.idle;
  }

  /** Whether it accepts a batch before its current one has ended. */
  get acceptsPrefetch(): boolean {
    return this.#inFlight.acceptsPrefetch;
  }

  /** Whether one of its calls could become overdue. */
  get needsWatch(): boolean {
    return this.#inFlight.needsWatch;
  }

  /** The task name of the current or last call. */
  get taskName(): string {
    return this.#inFlight.current?.name ?? this.#lastName;
  }

  /** The lowest priority of its prefetched calls. */
  get lowestPending(): number {
    return this.#inFlight.lowestPending;
  }

  /** Whether a call was sent to it and has not been settled. */
  holds(call: Call): boolean {
    return this.#inFlight.holds(call);
  }

  /** Whether the worker runs the call or would run it next. */
  isAt(call: Call): boolean {
    return this.#inFlight.current === call;
  }

  /** The progress of a call that has started; undefined if it is not known. */
  progress(call: Call): CallProgress | undefined {
    const progress = this.#inFlight.progress(call);
    return progress && { ...progress, worker: this.number };
  }

  /** Whether slow calls delay others; `othersIdle` says whether another worker could take those. */
  isOverdue(othersIdle: boolean): boolean {
    return this.#inFlight.isOverdue(othersIdle);
  }

  /** Sends calls to the worker, which is idle or accepts a prefetched batch. */
  async send(batch: Batch): Promise<void> {
    this.#lastName = batch.calls[0]?.name ?? this.#lastName;
    try {
      await this.#inFlight.send(batch, (settled) => this.#finished(settled));
    } catch (cause) {
      this.#lose({
        reason: "died",
        message: "Its worker broke the connection during a call",
        cause,
      });
    }
  }

  /** Withdraws the calls that have not started. */
  takeBack(): Promise<Call[]> {
    return this.#inFlight.takeBack();
  }

  /** Withdraws the calls of a lower priority that have not started, except for one about to start. */
  takeBackBelow(priority: number): Promise<Call[]> {
    return this.#inFlight.takeBackBelow(priority);
  }

  /** Takes out the ended calls of an overdue worker, which gets no more prefetched batches. */
  collectOverdue(): SettledCall[] {
    this.#inFlight.stopPrefetch();
    return this.#counted(this.#inFlight.collect());
  }

  /** Makes the worker drop a shared value, if it has it. */
  release(valueId: number): void {
    this.#connection.sent.release(valueId);
  }

  /** Drops all calls before the worker is terminated. */
  close(): LostCalls {
    // A finishing worker counts as idle: its calls have ended and only its answer is in transit.
    this.#closedIdle = this.#state === "ready" && (this.idle || this.#inFlight.finishing);
    this.#state = "over";
    this.#stopTimer();
    this.#lastName = this.taskName;
    const lost = this.#inFlight.close();
    this.#connection.output?.take();
    // The listeners of an idle worker may print, and what ended calls have printed may be in transit.
    if (!this.#closedIdle && !this.isUncertain) this.#connection.output?.close();
    // Last: it wakes a function that waits to send, whose error must not become the outcome of the call.
    this.#connection.channels.close();
    this.#counted(lost.settled);
    return lost;
  }

  /** Whether it is not known yet what became of some of the calls of its worker, which has ended. */
  get isUncertain(): boolean {
    return this.#inFlight.size > 0;
  }

  /** Terminates the worker of a closed slot. */
  async terminate(): Promise<boolean | undefined> {
    const ended = await this.link.terminate(this.#closedIdle);
    this.#connection.output?.close();
    if (this.isUncertain) {
      const calls = this.#inFlight.resolveDoubts(this.#end?.isUnreadable === true);
      this.#counted(calls.settled);
      this.#observer.resolved(this, this.#end, calls);
    }
    return ended;
  }

  /** Passes on what was printed in its worker until the end of a call; without one all that was. */
  passOnOutput(last?: Call): void {
    this.#connection.output?.passOn(last);
  }

  #finished(settled: readonly SettledCall[]): void {
    this.#stopTimer();
    this.#connection.channels.close();
    this.#retired ||= this.#inFlight.corrupted;
    this.#observer.finished(this, this.#counted(settled));
  }

  #counted<S extends readonly SettledCall[]>(settled: S): S {
    for (const { outcome } of settled) if (outcome.ok || !("unsent" in outcome)) this.#callsDone++;
    return settled;
  }

  // Of a batch that goes on.
  #reportBefore(place: CallPlace): void {
    const settled = this.#inFlight.collectBefore(place);
    if (settled.length > 0) this.#observer.finished(this, this.#counted(settled));
  }

  #callStarted(): void {
    // A process that is ending may still report it.
    if (this.#state === "over") return;
    const call = this.#inFlight.markStarted(this.number);
    this.#connection.channels.open();
    const wallTime = call?.limits.wallTime;
    if (wallTime !== undefined) this.#stopTimer = callAfterReading(wallTime, () => this.#timeUp());
  }

  #timeUp(): void {
    const lose = () => this.#lose(TIME_UP);
    // If the function has ended in time, the answer to the call is behind its messages.
    if (this.#inFlight.finishing) this.#connection.channels.whenReceived(lose);
    else lose();
  }

  async #ready(): Promise<void> {
    if (this.#state !== "starting") return;
    this.#connection.output?.begin();
    const failure = await this.#connection.connected ?? await this.#runInitializer();
    if (this.#state !== "starting") return;
    if (failure !== undefined) return this.#lose(failure);
    this.#state = "ready";
    this.#stopTimer();
    this.#observer.ready(this);
  }

  async #runInitializer(): Promise<WorkerEnd | undefined> {
    if (this.#initializer === undefined) return undefined;
    // Not imported statically, because few workers have one.
    const { initialize } = await import("./initialize.ts");
    return await initialize(
      this.#connection.proxy.initialize,
      this.#initializer,
      this.#connection.sent,
    );
  }

  #uncaught(error: unknown, during: CallPlace | undefined): void {
    const message = "An uncaught error ended its worker";
    const end: WorkerEnd = { reason: "uncaught-error", message, cause: error };
    if (this.#state === "starting" || this.#inFlight.isUnanswered(during)) this.#lose(end);
    // The call that left it behind has been answered, and the next one is not to blame.
    else reportUncaught(error);
  }

  // The only path by which calls fail that the worker does not answer.
  #lose(end: WorkerEnd): void {
    if (this.#state === "over") return;
    const wasReady = this.#state === "ready";
    this.#end = end;
    this.#observer.lost(this, end, this.close(), wasReady);
  }
}
