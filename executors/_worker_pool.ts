/** Calls over a limited number of workers: queue, start, replacement, shutdown. @module */

import { setImmediate } from "node:timers";
import { Fifo } from "../scheduling/_fifo.ts";
import { ExecutorBrokenError } from "../scheduling/errors.ts";
import type { Call, ShutdownReport } from "../scheduling/executor.ts";
import { FunctionTable } from "./_function_table.ts";
import { reportRunaway } from "./_stderr.ts";
import type { WorkerEnd } from "./_worker_link.ts";
import { type SlotHost, type SlotStart, WorkerSlot } from "./_worker_slot.ts";

// A worker that cannot start will not start the tenth time either.
const MAX_FAILED_STARTS = 3;

/** How many workers a pool has, and how they start. */
export interface PoolOptions {
  readonly workerCount: number;
  /** How many threads that cannot be stopped are replaced. */
  readonly maxRunaways: number;
  readonly start: SlotStart;
}

/** The workers of an executor. */
export class WorkerPool implements SlotHost {
  readonly #options: PoolOptions;
  readonly #functions = new FunctionTable();
  readonly #queue = new Fifo<Call>();
  readonly #slots = new Set<WorkerSlot>();
  readonly #terminated = new Set<WorkerSlot>();
  readonly #terminations = new Set<Promise<unknown>>();
  readonly #toldRunaways = new Set<string>();
  #idle: WorkerSlot[] = [];
  #startsFailed = 0;
  #startFailure: Pick<WorkerEnd, "message" | "cause"> | undefined;
  #broken: ExecutorBrokenError | undefined;
  #canSeeEnds = true;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  submit(call: Call): void {
    const broken = this.#broken;
    if (broken !== undefined) {
      // Later, for who submits again on each failure would never return.
      setImmediate(() => call.fail(broken));
      return;
    }
    this.#queue.push(call);
    this.dispatch();
  }

  cancel(call: Call): void {
    for (const slot of this.#slots) {
      if (slot.call !== call) continue;
      this.#terminate(slot);
      // Later, for a run that ends cancels what is queued right after what is running.
      queueMicrotask(() => this.dispatch());
    }
  }

  async shutdown(): Promise<ShutdownReport> {
    for (const slot of [...this.#slots]) this.#terminate(slot);
    await Promise.all(this.#terminations);
    const runaways = this.#runaways;
    for (const slot of this.#terminated) slot.link.forget();
    this.#terminated.clear();
    this.#functions.clear();
    this.#toldRunaways.clear();
    this.#startsFailed = 0;
    this.#broken = undefined;
    return { runaways: this.#canSeeEnds ? runaways : undefined };
  }

  ready(slot: WorkerSlot): void {
    this.#startsFailed = 0;
    this.idle(slot);
    this.dispatch();
  }

  idle(slot: WorkerSlot): void {
    if (slot.retired) this.#terminate(slot);
    else this.#idle.push(slot);
  }

  /** Replaces every worker as soon as it has no call. */
  renew(): void {
    for (const slot of this.#slots) slot.retired = true;
    for (const slot of this.#idle) this.#terminate(slot);
  }

  lost(slot: WorkerSlot, { message, cause }: WorkerEnd, started: boolean): void {
    this.#terminate(slot);
    if (!started) this.#startFailed(message, cause);
    queueMicrotask(() => this.dispatch());
  }

  takenBack(call: Call): void {
    this.#queue.unshift(call);
  }

  dispatch(): void {
    for (let call = this.#next(); call !== undefined; call = this.#next()) {
      const slot = this.#idle.pop();
      if (slot === undefined) {
        this.#queue.unshift(call);
        return this.#startWorkers();
      }
      slot.send(call);
    }
  }

  #next(): Call | undefined {
    let call = this.#queue.shift();
    while (call?.settled) call = this.#queue.shift();
    return call;
  }

  // As many as there are calls waiting, for a start takes longer than most calls.
  #startWorkers(): void {
    let starting = 0;
    for (const slot of this.#slots) if (slot.starting) starting++;
    while (this.#canStart && this.#slots.size < this.#capacity && starting < this.#queue.size) {
      if (this.#startWorker()) starting++;
    }
    // With threads on their way to their end there will be a worker again.
    const waits = this.#canStart && this.#terminated.size > this.#runaways;
    if (this.#slots.size === 0 && !waits) this.#break();
  }

  #startWorker(): boolean {
    try {
      this.#slots.add(new WorkerSlot(this.#options.start, this.#functions, this));
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
    return workerCount - Math.max(0, this.#terminated.size - maxRunaways);
  }

  get #runaways(): number {
    let count = 0;
    for (const slot of this.#terminated) if (slot.link.runaway) count++;
    return count;
  }

  #terminate(slot: WorkerSlot): void {
    this.#slots.delete(slot);
    this.#idle = this.#idle.filter((other) => other !== slot);
    this.#terminated.add(slot);
    const termination = slot.terminate().then((ended) => {
      this.#terminations.delete(termination);
      if (ended === undefined) this.#canSeeEnds = false;
      if (ended === false) {
        this.#tellRunaway(slot.taskName);
      } else {
        this.#forget(slot);
      }
      this.dispatch();
    });
    this.#terminations.add(termination);
  }

  #tellRunaway(taskName: string): void {
    if (this.#toldRunaways.has(taskName)) return;
    this.#toldRunaways.add(taskName);
    reportRunaway(taskName);
  }

  #forget(slot: WorkerSlot): void {
    slot.link.forget();
    this.#terminated.delete(slot);
  }

  #break(): void {
    const { message, cause } = this.#startFailure ?? {};
    const broken = this.#canStart
      ? new ExecutorBrokenError(
        `No worker is left: ${this.#runaways} threads were told to end and never yield; ` +
          `run such functions in child processes (Scheduler.withProcesses)`,
      )
      : new ExecutorBrokenError(
        `No worker can be started: the last ${MAX_FAILED_STARTS} failed to. ${message}`,
        { cause },
      );
    this.#broken = broken;
    for (let call = this.#next(); call !== undefined; call = this.#next()) call.fail(broken);
  }
}
