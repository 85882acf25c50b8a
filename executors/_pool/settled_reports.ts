/** Reports the settled calls of a batch, one after the other. @module */

import type { Call, CallProgress } from "../../scheduling/executor.ts";
import type { FunctionTable } from "../_calls/function_table.ts";
import type { SettledCall } from "../_calls/in_flight.ts";
import { reportSettled } from "./report_call.ts";

/** The reports of a pool. */
export class SettledReports {
  readonly #functions: FunctionTable;
  // A stack, because a callback may cause further reports.
  readonly #underWay: (readonly SettledCall[])[] = [];

  /** @param functions Learns how long calls of each function take. */
  constructor(functions: FunctionTable) {
    this.#functions = functions;
  }

  /** Whether calls are being reported. */
  get active(): boolean {
    return this.#underWay.length > 0;
  }

  /** Reports the calls in their order. */
  report(settled: readonly SettledCall[]): void {
    this.#underWay.push(settled);
    try {
      for (const each of settled) this.#report(each);
    } finally {
      this.#underWay.pop();
    }
  }

  /** The progress of a call that has ended, but whose report is yet to come: a callback may ask. */
  progress(call: Call): CallProgress | undefined {
    for (const settled of this.#underWay) {
      const startedAt = settled.find((each) => each.call === call)?.startedAt;
      if (startedAt !== undefined) return { startedAt, ended: true };
    }
    return undefined;
  }

  #report(settled: SettledCall): void {
    const { call, duration } = settled;
    if (duration !== undefined) this.#functions.lookUp(call.function).observe(duration);
    reportSettled(settled);
  }
}
