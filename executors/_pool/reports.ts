/** Reports settled calls, and answers for those whose report is due. @module */

import type { Call, CallProgress } from "../../scheduling/executor.ts";
import type { FunctionTable } from "../_calls/function_table.ts";
import type { SettledCall } from "../_calls/in_flight.ts";
import { reportSettled } from "./report_call.ts";

/** A worker whose calls have ended. */
export interface ReportedWorker {
  readonly number: number;
  /** Passes on what was printed in it until the end of a call. */
  passOnOutput(last: Call): void;
}

/** Calls that have ended at one worker. */
interface Report {
  readonly settled: readonly SettledCall[];
  /** The number of the worker. */
  readonly worker: number;
}

/** The reports under way. */
export class Reports {
  readonly #functions: FunctionTable;
  // A stack, because a callback may cause further reports.
  readonly #underWay: Report[] = [];

  /** `functions` learns the durations of the calls. */
  constructor(functions: FunctionTable) {
    this.#functions = functions;
  }

  /** Whether calls are being reported. */
  get underWay(): boolean {
    return this.#underWay.length > 0;
  }

  /** Reports the calls of a worker one after the other, each after what it has printed. */
  report(settled: readonly SettledCall[], worker: ReportedWorker): void {
    this.#underWay.push({ settled, worker: worker.number });
    try {
      for (const each of settled) {
        worker.passOnOutput(each.call);
        if (each.duration !== undefined) {
          this.#functions.lookUp(each.call.function).observe(each.duration);
        }
        reportSettled(each, worker.number);
      }
    } finally {
      this.#underWay.pop();
    }
  }

  /** The progress of a call that a callback asks for before the call has had its turn. */
  progress(call: Call): CallProgress | undefined {
    for (const { settled, worker } of this.#underWay) {
      const startedAt = settled.find((each) => each.call === call)?.startedAt;
      if (startedAt !== undefined) return { startedAt, ended: true, worker };
    }
    return undefined;
  }
}
