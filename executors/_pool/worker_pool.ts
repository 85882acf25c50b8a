/** Calls over a limited number of workers: queue, start, replacement, shutdown. @module */

import { setImmediate } from "node:timers";
import { Fifo } from "../../scheduling/_base/fifo.ts";
import { callAfter, now } from "../../scheduling/_base/time.ts";
import { ExecutorBrokenError } from "../../scheduling/errors.ts";
import type { Call, CallProgress, ShutdownReport } from "../../scheduling/executor.ts";
import { AvailableSlots } from "./available_slots.ts";
import type { Ended } from "../_calls/batch.ts";
import { Batching, type BatchSize, goesAlone } from "../_calls/batch_size.ts";
import { fromErrorRecord } from "../_wire/error_revival.ts";
import { FunctionTable } from "../_calls/function_table.ts";
import { SharedValues } from "../_calls/shared_values.ts";
import { Terminations } from "./terminations.ts";
import { argumentError } from "../_wire/uncloneable.ts";
import type { WorkerEnd } from "../_links/worker_link.ts";
import { type SlotHost, type SlotStart, WorkerSlot } from "./worker_slot.ts";

// A worker that cannot start will not start the tenth time either.
const MAX_FAILED_STARTS = 3;
// Several times what a batch should take: one that is not through by then holds up what is in it.
const OVERDUE_MS = 5;
// What has begun nothing may be a large message, which is on its way longer; another worker that is
// idle takes it then.
const LOST_MS = 100;

/** How many workers a pool has, and how they start. */
export interface PoolOptions {
  readonly workerCount: number;
  /** How many threads that cannot be stopped are replaced. */
  readonly maxRunaways: number;
  readonly batch: BatchSize;
  readonly start: SlotStart;
}

/** The workers of an executor. */
export class WorkerPool implements SlotHost {
  readonly #options: PoolOptions;
  readonly #functions = new FunctionTable();
  readonly #values = new SharedValues();
  readonly #tables = { functions: this.#functions, values: this.#values };
  readonly #batching: Batching;
  readonly #queue = new Fifo<Call>();
  readonly #slots = new Set<WorkerSlot>();
  readonly #terminations = new Terminations();
  readonly #available = new AvailableSlots();
  #startsFailed = 0;
  #startFailure: Pick<WorkerEnd, "message" | "cause"> | undefined;
  #broken: ExecutorBrokenError | undefined;
  #reporting = false;
  #stopOverdueTimer: (() => void) | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#batching = new Batching(options.batch, this.#functions);
  }

  submit(call: Call): void {
    const broken = this.#broken;
    if (broken !== undefined) {
      // Later, for who submits again on each failure would never return.
      setImmediate(() => call.fail(broken));
      return;
    }
    this.#queue.push(call);
    this.#dispatch();
  }

  /** A copy of the value, which crosses to each worker once. */
  share(value: object): object {
    return this.#values.add(value);
  }

  /** Has the workers let go of a shared value. */
  release(value: object): void {
    const id = this.#values.delete(value);
    if (id === undefined) return;
    for (const slot of this.#slots) slot.release(id);
  }

  progress(call: Call): CallProgress | undefined {
    for (const { lanes } of this.#slots) {
      const progress = lanes?.progress(call);
      if (progress !== undefined) return progress;
    }
    return undefined;
  }

  takeBack(call: Call): boolean {
    const slot = this.#slotOf(call);
    if (slot === undefined) return true;
    this.#cut(slot);
    return !slot.holds(call);
  }

  cancel(call: Call): void {
    const slot = this.#slotOf(call);
    if (slot === undefined) return;
    this.#cut(slot);
    if (slot.isAt(call)) this.#terminate(slot);
    this.#dispatchSoon();
  }

  async shutdown(): Promise<ShutdownReport> {
    for (const slot of [...this.#slots]) this.#terminate(slot);
    this.#stopOverdueTimer?.();
    this.#stopOverdueTimer = undefined;
    const runaways = await this.#terminations.settle();
    this.#functions.clear();
    this.#startsFailed = 0;
    this.#broken = undefined;
    return { runaways };
  }

  /** Replaces every worker as soon as it has no call. */
  renew(): void {
    for (const slot of [...this.#slots]) {
      slot.retired = true;
      this.#place(slot);
    }
  }

  ready(slot: WorkerSlot): void {
    this.#startsFailed = 0;
    this.#place(slot);
    this.#dispatch();
  }

  through(slot: WorkerSlot, ended: readonly Ended[]): void {
    // Before the reports, for their callbacks may submit the next call to this very worker.
    this.#place(slot);
    this.#report(ended);
  }

  lost(slot: WorkerSlot, { message, cause }: WorkerEnd, started: boolean): void {
    this.#terminate(slot);
    if (!started) this.#startFailed(message, cause);
    this.#dispatchSoon();
  }

  takenBack(calls: readonly Call[]): void {
    for (const call of calls.toReversed()) this.#queue.unshift(call);
  }

  #dispatch(): void {
    // After the reports, for what their callbacks submit goes together.
    if (this.#reporting) return;
    for (let call = this.#next(); call !== undefined; call = this.#next()) {
      if (this.#available.idleCount === 0) this.#startWorkers();
      const slot = this.#available.take(goesAlone(call));
      if (slot === undefined) return;
      slot.send(this.#batching.take(this.#queue, this.#available.idleCount + 1));
      this.#place(slot);
      this.#watchOverdue();
    }
  }

  // Later, for a run that ends cancels what is queued right after what is running.
  #dispatchSoon(): void {
    queueMicrotask(() => this.#dispatch());
  }

  #next(): Call | undefined {
    let call = this.#queue.peek();
    while (call?.settled) {
      this.#queue.shift();
      call = this.#queue.peek();
    }
    return call;
  }

  #place(slot: WorkerSlot): void {
    if (!this.#slots.has(slot)) return;
    if (slot.retired && slot.idle && !slot.starting) this.#terminate(slot);
    else this.#available.place(slot);
  }

  #slotOf(call: Call): WorkerSlot | undefined {
    for (const slot of this.#slots) if (slot.holds(call)) return slot;
    return undefined;
  }

  #report(ended: readonly Ended[]): void {
    const outer = this.#reporting;
    this.#reporting = true;
    try {
      for (const each of ended) {
        if (each.duration !== undefined) {
          this.#functions.lookUp(each.call.function).observe(each.duration);
        }
        report(each);
      }
    } finally {
      this.#reporting = outer;
    }
    this.#dispatch();
  }

  // --- what was sent ahead

  #cut(slot: WorkerSlot): void {
    this.takenBack(slot.lanes?.cut() ?? []);
  }

  // A slow call must hold up neither those behind it, which another worker could run, nor what those
  // before it came to.
  #watchOverdue(): void {
    if (this.#stopOverdueTimer !== undefined || !this.#someMayBeOverdue) return;
    this.#stopOverdueTimer = callAfter(OVERDUE_MS, () => {
      this.#stopOverdueTimer = undefined;
      for (const slot of this.#slots) if (this.#isOverdue(slot)) this.#cutOverdue(slot);
      this.#dispatch();
      this.#watchOverdue();
    });
  }

  #isOverdue({ lanes }: WorkerSlot): boolean {
    if (lanes === undefined) return false;
    const sinceSent = now() - lanes.busySince;
    if (lanes.running !== undefined) return sinceSent >= OVERDUE_MS;
    return lanes.hasWaiting && this.#available.idleCount > 0 && sinceSent >= LOST_MS;
  }

  #cutOverdue(slot: WorkerSlot): void {
    if (slot.lanes === undefined) return;
    this.#cut(slot);
    slot.lanes.stopSendingAhead();
    this.#place(slot);
    this.#report(slot.lanes.collect());
  }

  get #someMayBeOverdue(): boolean {
    for (const { lanes } of this.#slots) if (lanes?.hasWaiting || lanes?.hasEnded) return true;
    return false;
  }

  // --- start and end

  // As many as there are calls waiting, for a start takes longer than most calls.
  #startWorkers(): void {
    let expected = 0;
    for (const slot of this.#slots) if (slot.soonIdle) expected++;
    while (this.#canStart && this.#slots.size < this.#capacity && expected < this.#queue.size) {
      if (this.#startWorker()) expected++;
    }
    // With threads on their way to their end there will be a worker again.
    const waits = this.#canStart && this.#terminations.size > this.#terminations.runaways;
    if (this.#slots.size === 0 && !waits) this.#break();
  }

  #startWorker(): boolean {
    try {
      this.#slots.add(new WorkerSlot(this.#options.start, this.#tables, this));
      return true;
    } catch (cause) {
      this.#startFailed(cause instanceof Error ? cause.message : String(cause), cause);
      return false;
    }
  }

  #startFailed(message: string, cause: unknown): void {
    this.#startsFailed++;
    this.#startFailure = { message, cause };
  }

  get #canStart(): boolean {
    return this.#startsFailed < MAX_FAILED_STARTS;
  }

  // How many workers there may be. A thread that was told to end counts until it was seen to, which
  // is a matter of milliseconds for most.
  get #capacity(): number {
    const { workerCount, maxRunaways } = this.#options;
    return workerCount - Math.max(0, this.#terminations.size - maxRunaways);
  }

  #terminate(slot: WorkerSlot): void {
    this.#slots.delete(slot);
    this.#available.remove(slot);
    this.#cut(slot);
    const ended = slot.lanes?.collect() ?? [];
    // Later, for who cancels is not told of other calls before that returns.
    if (ended.length > 0) queueMicrotask(() => this.#report(ended));
    this.#terminations.add(slot, () => this.#dispatch());
  }

  #break(): void {
    const { message, cause } = this.#startFailure ?? {};
    const broken = this.#canStart
      ? new ExecutorBrokenError(
        `No worker is left: ${this.#terminations.runaways} threads were told to end and never yield; ` +
          `run such functions in child processes (Scheduler.withProcesses)`,
      )
      : new ExecutorBrokenError(
        `No worker can be started: the last ${MAX_FAILED_STARTS} failed to. ${message}`,
        { cause },
      );
    this.#broken = broken;
    for (let call = this.#next(); call !== undefined; call = this.#next()) {
      this.#queue.shift();
      call.fail(broken);
    }
  }
}

function report({ call, outcome, startedAt }: Ended): void {
  if (startedAt !== undefined) call.started(startedAt);
  if (outcome.ok) call.succeed(outcome.value);
  else if ("error" in outcome) call.fail(fromErrorRecord(outcome.error));
  else call.fail(argumentError(call, outcome.unsent));
}
