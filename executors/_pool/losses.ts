/** Decides what becomes of the calls of a worker that has ended. @module */

import type { Call } from "../../scheduling/executor.ts";
import type { Deliveries } from "../_calls/deliveries.ts";
import type { LostCalls } from "../_calls/in_flight.ts";
import type { WorkerEnd } from "../_links/worker_link.ts";
import type { CallQueue } from "./call_queue.ts";
import { reportLosses } from "./report_call.ts";
import type { ReportedWorker, Reports } from "./reports.ts";

// For a call that started unnoticed in a worker that the pool has ended because of another call.
const ENDED_BESIDE: WorkerEnd = {
  reason: "killed",
  message: "Its worker was ended because of the call before it",
};

/** The worker that has ended. */
export interface LostWorker extends Omit<ReportedWorker, "passOnOutput"> {
  /** Passes on what was printed in it: until the end of a call, or all. */
  passOnOutput(last?: Call): void;
}

/** The calls of workers that have ended. */
export class Losses {
  readonly #queue: CallQueue;
  readonly #deliveries: Deliveries;
  readonly #reports: Reports;

  constructor(queue: CallQueue, deliveries: Deliveries, reports: Reports) {
    this.#queue = queue;
    this.#deliveries = deliveries;
    this.#reports = reports;
  }

  /** Queues calls that have not started, and reports the others. Without an `end`, the pool has ended it. */
  settle(
    worker: LostWorker,
    end: WorkerEnd | undefined,
    { waiting, settled, running }: LostCalls,
  ): void {
    // Transferred arguments are lost with the worker, so such a call cannot be sent again.
    const gone = waiting.filter((call) => call.transfer.length > 0);
    const whole = waiting.filter((call) => call.transfer.length === 0);
    const undelivered = end && this.#deliveries.failNext(whole, running?.call);
    this.#queue.putBack(whole.filter((call) => call !== undelivered));
    this.#reports.report(settled, worker);
    worker.passOnOutput();
    reportLosses({ gone, undelivered, running }, end ?? ENDED_BESIDE, worker.number);
  }
}
