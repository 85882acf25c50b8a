/**
 * Distributes calls over a limited number of workers: queue, start, replacement, shutdown.
 *
 * ```text
 *           submit, cancel, takeBack              started, succeed, fail
 *  executor ────────────────────────▶ WorkerPool ──────────────────────▶ Call
 *                                      │   │  ▲
 *     CallQueue       queued calls ────┤   │  │
 *     AvailableSlots  who takes calls ─┤   │  │
 *     Batching        calls a message ─┤   │  │
 *     Terminations    ending workers ──┘   │  │
 *                                     send │  │ ready, finished(settled), lost(end, calls)
 *                                          ▼  │
 *                                     WorkerSlot, one for each worker
 *                                      │   │  ▲
 *     InFlight        sent calls ──────┘   │  │
 *     (BatchedCalls)                       │  │
 *                                runBatch │  │ answers, events
 *                                          ▼  │
 *                                     WorkerLink ═══ thread or process ═══ serve() in _worker/
 * ```
 *
 * A slot leaves the pool when its worker ends. Terminations keeps it until the thread or process is gone.
 *
 * @module
 */

import { queueMicrotask, setImmediate } from "../../scheduling/_base/time.ts";
import type { ExecutorBrokenError } from "../../scheduling/errors.ts";
import type {
  Call,
  CallProgress,
  OutputListener,
  ShutdownReport,
  WorkerStatistics,
} from "../../scheduling/executor.ts";
import { Batching, type BatchSize } from "../_calls/batch_size.ts";
import { Deliveries } from "../_calls/deliveries.ts";
import { FunctionTable } from "../_calls/function_table.ts";
import type { LostCalls, SettledCall } from "../_calls/in_flight.ts";
import { SharedValues } from "../_calls/shared_values.ts";
import type { WorkerEnd } from "../_links/worker_link.ts";
import { AvailableSlots } from "./available_slots.ts";
import { CallQueue } from "./call_queue.ts";
import { Housekeeping, type HousekeepingSettings } from "./housekeeping.ts";
import { Losses } from "./losses.ts";
import { OverdueWatch } from "./overdue_watch.ts";
import { Preemption } from "./preemption.ts";
import { Reports } from "./reports.ts";
import { WorkerStarts } from "./worker_starts.ts";
import { Terminations } from "./terminations.ts";
import { WorkerRecords } from "./worker_records.ts";
import { type SlotObserver, type SlotStart, WorkerSlot } from "./worker_slot.ts";

/** How many workers a pool has, and how they start. */
export interface PoolOptions {
  readonly workerCount: number;
  /** How many runaway threads are replaced. */
  readonly maxRunaways: number;
  readonly batch: BatchSize;
  readonly start: Omit<SlotStart, "maxCalls" | "output">;
  readonly housekeeping: HousekeepingSettings;
}

/** The workers of an executor. */
export class WorkerPool implements SlotObserver {
  readonly #options: PoolOptions;
  #start: SlotStart;
  readonly #functions = new FunctionTable();
  readonly #values = new SharedValues();
  readonly #tables = { functions: this.#functions, values: this.#values };
  readonly #batching: Batching;
  readonly #deliveries = new Deliveries();
  readonly #queue = new CallQueue();
  readonly #slots = new Set<WorkerSlot>();
  readonly #terminations = new Terminations();
  readonly #available = new AvailableSlots();
  readonly #preemption = new Preemption(this.#queue);
  readonly #starts = new WorkerStarts((wanted) => this.#startWorkers(wanted));
  readonly #records = new WorkerRecords();
  readonly #housekeeping: Housekeeping;
  #broken: ExecutorBrokenError | undefined;
  readonly #reports = new Reports(this.#functions);
  readonly #losses = new Losses(this.#queue, this.#deliveries, this.#reports);
  readonly #overdue = new OverdueWatch(this.#slots, () => this.#relieveOverdue());

  constructor(options: PoolOptions) {
    this.#options = options;
    const { start, housekeeping } = options;
    this.#start = { ...start, maxCalls: housekeeping.maxCallsPerWorker, output: undefined };
    this.#housekeeping = new Housekeeping(housekeeping, this.#available, this);
    this.#batching = new Batching(options.batch, this.#functions, this.#deliveries);
  }

  /** How many workers there are. */
  get size(): number {
    return this.#slots.size;
  }

  /** Starts the workers that are to be there before there are calls for them. */
  start(): void {
    this.#starts.soon(this.#housekeeping.warmUp);
  }

  /** Captures what is printed in the workers that start from now on. */
  captureOutput(output: OutputListener | undefined): void {
    this.#start = { ...this.#start, output };
    this.renew();
  }

  workers(): WorkerStatistics[] {
    return this.#records.statistics();
  }

  submit(call: Call): void {
    const broken = this.#broken;
    // Deferred: a callback that resubmits on failure would otherwise recurse forever.
    if (broken !== undefined) return void setImmediate(() => call.fail(broken));
    this.#deliveries.forget(call);
    this.#queue.push(call);
    if (this.#preempts(call)) this.#preempt(call);
    else this.#dispatch();
  }

  /** Sends a value to each worker once instead of with each call. */
  share(value: object): object {
    return this.#values.add(value);
  }

  /** Makes the workers drop a shared value. */
  release(value: object): void {
    const id = this.#values.delete(value);
    if (id === undefined) return;
    for (const slot of this.#slots) slot.release(id);
  }

  progress(call: Call): CallProgress | undefined {
    for (const slot of this.#slots) {
      const progress = slot.progress(call);
      if (progress !== undefined) return progress;
    }
    return this.#reports.progress(call);
  }

  /** Withdraws the calls that have not started; resolves with them. */
  async takeBack(calls: readonly Call[]): Promise<Call[]> {
    const { underWay } = this.#preemption;
    if (underWay !== undefined) await underWay;
    // Queued calls first, before a worker becomes idle and gets them.
    const queued = this.#queue.takeOut(calls);
    const pending = await Promise.all([...this.#slots].map((slot) => slot.takeBack()));
    await this.#terminations.untilCertain();
    this.#queue.putBack(pending.flat());
    this.#dispatchSoon();
    return [...queued, ...this.#queue.takeOut(calls)];
  }

  async cancel(call: Call): Promise<void> {
    const slot = this.#slotOf(call);
    if (slot === undefined) return this.#queue.noteSettled();
    // First: otherwise the worker could start another call before it ends.
    const pending = slot.takeBack();
    this.#place(slot);
    this.#queue.putBack(await pending);
    if (this.#slots.has(slot) && slot.isAt(call)) this.end(slot);
    this.#dispatchSoon();
  }

  async shutdown(): Promise<ShutdownReport> {
    for (const slot of [...this.#slots]) this.end(slot);
    this.#housekeeping.close();
    this.#overdue.close();
    this.#starts.close();
    const runaways = await this.#terminations.settle();
    this.#functions.clear();
    this.#broken = undefined;
    return { runaways };
  }

  /** Replaces every worker as soon as it is idle. */
  renew(): void {
    for (const slot of [...this.#slots]) {
      slot.retire();
      this.#place(slot);
    }
  }

  // --- events of slots

  ready(slot: WorkerSlot): void {
    this.#starts.reset();
    this.#place(slot);
    this.#dispatch();
  }

  finished(slot: WorkerSlot, settled: readonly SettledCall[]): void {
    // Before the reports, because their callbacks may submit the next call for this worker.
    this.#place(slot);
    this.#reports.report(settled, slot);
    this.#dispatch();
  }

  lost(slot: WorkerSlot, end: WorkerEnd, calls: LostCalls, wasReady: boolean): void {
    this.#remove(slot, true);
    if (!wasReady) this.#starts.add(end.message, end.cause);
    this.#losses.settle(slot, end, calls);
    this.#dispatchSoon();
  }

  resolved(slot: WorkerSlot, end: WorkerEnd | undefined, calls: LostCalls): void {
    this.#losses.settle(slot, end, calls);
    this.#dispatchSoon();
  }

  // --- calls to workers, and back

  #dispatch(): void {
    // Deferred until the reports are over, so that calls submitted by their callbacks cross together.
    if (this.#reports.underWay || this.#preemption.underWay !== undefined) return;
    for (let call = this.#queue.peek(); call !== undefined; call = this.#queue.peek()) {
      if (this.#preempts(call)) return void this.#preempt(call);
      if (this.#available.idleCount === 0) this.#starts.soon(this.#wanted);
      const slot = this.#available.take(this.#batching.goesAlone(call));
      if (slot === undefined) return;
      const batch = this.#batching.take(this.#queue, this.#available.idleCount + 1, slot.callsLeft);
      this.#preemption.noteSent(batch);
      slot.send(batch);
      this.#place(slot);
      this.#overdue.watch();
    }
  }

  #preempts(call: Call): boolean {
    return this.#preemption.isDue(call) && this.#available.idleCount === 0;
  }

  async #preempt(call: Call): Promise<void> {
    const slots = [...this.#slots];
    const done = this.#preemption.makeWay(slots, call);
    // Some of them no longer accept prefetched calls.
    for (const slot of slots) if (!slot.idle) this.#place(slot);
    await done;
    this.#dispatch();
  }

  // Deferred: a run that ends cancels its running calls first and the queued ones right after.
  #dispatchSoon(): void {
    queueMicrotask(() => this.#dispatch());
  }

  #place(slot: WorkerSlot): void {
    if (!this.#slots.has(slot)) return;
    if (slot.retired && slot.idle && !slot.starting) return this.#replace(slot);
    this.#available.place(slot);
    if (slot.idle) this.#housekeeping.noteIdle(slot);
  }

  #slotOf(call: Call): WorkerSlot | undefined {
    return [...this.#slots].find((slot) => slot.holds(call));
  }

  // --- slow calls

  // A slow call must delay neither the pending calls behind it, which another worker could run, nor the
  // outcomes of the calls before it.
  #relieveOverdue(): void {
    for (const slot of this.#slots) {
      if (slot.isOverdue(this.#available.idleCount > 0)) this.#relieve(slot);
    }
    this.#dispatch();
  }

  #relieve(slot: WorkerSlot): void {
    slot.takeBack().then((calls) => {
      this.#queue.putBack(calls);
      this.#dispatchSoon();
    });
    // After this turn, but not only when calls were taken back: a process that computes does not answer.
    queueMicrotask(() => this.finished(slot, slot.collectOverdue()));
  }

  // --- start and end

  // One more for each queued call, because a start takes longer than most calls.
  get #wanted(): number {
    // A look at each worker, which a full pool can do without.
    const soonIdle = this.#hasRoom ? [...this.#slots].filter((slot) => slot.soonIdle).length : 0;
    return this.#slots.size + Math.max(0, this.#queue.size - soonIdle);
  }

  #startWorkers(wanted: number): void {
    while (this.#slots.size < wanted && this.#startOne());
    if (this.#slots.size > 0 || this.#expectsRoom) return;
    this.#broken = this.#starts.brokenError(this.#terminations.runaways);
    this.#queue.fail(this.#broken);
  }

  get #hasRoom(): boolean {
    return this.#starts.mayStart && this.#slots.size < this.#capacity;
  }

  // The exit of a terminated thread makes room for a worker.
  get #expectsRoom(): boolean {
    return this.#starts.mayStart && this.#terminations.size > this.#terminations.runaways;
  }

  // Returns whether there was room for one more, even if it failed to start.
  #startOne(): boolean {
    if (!this.#hasRoom) return false;
    this.#starts.attempt(() => {
      const slot = new WorkerSlot(this.#records.freeNumber, this.#start, this.#tables, this);
      this.#slots.add(slot);
      this.#records.started(slot);
    });
    return true;
  }

  // A terminated thread counts until its exit is observed, usually within milliseconds.
  get #capacity(): number {
    const { workerCount, maxRunaways } = this.#options;
    return workerCount - Math.max(0, this.#terminations.size - maxRunaways);
  }

  #replace(slot: WorkerSlot): void {
    this.end(slot);
    if (this.#housekeeping.isShort) this.#startOne();
  }

  /** Ends a worker; asks it to if it is idle. */
  end(slot: WorkerSlot): void {
    const { waiting, settled } = slot.close();
    this.#remove(slot, false);
    this.#queue.putBack(waiting);
    // Deferred: cancel() returns before other calls are reported.
    queueMicrotask(() => {
      this.finished(slot, settled);
      slot.passOnOutput();
    });
  }

  #remove(slot: WorkerSlot, lost: boolean): void {
    this.#slots.delete(slot);
    this.#records.ended(slot, lost);
    this.#available.remove(slot);
    this.#terminations.add(slot, () => this.#dispatch());
  }
}
