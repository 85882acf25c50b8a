/** The executor as a run uses it: an executor that throws must not prevent the end of the run. @module */

import type { Call, Executor } from "../executor.ts";
import type { ScheduledCall } from "./scheduled_call.ts";

/** Hands calls to an executor and reports the errors that its methods throw. */
export class GuardedExecutor {
  readonly #executor: Executor;
  readonly #threw: (error: unknown) => void;
  #taking: ScheduledCall | undefined;

  constructor(executor: Executor, threw: (error: unknown) => void) {
    this.#executor = executor;
    this.#threw = threw;
  }

  /** Whether the executor is just taking this call. */
  isTaking(call: ScheduledCall): boolean {
    return call === this.#taking;
  }

  submit(call: ScheduledCall): void {
    call.place = "executor";
    const outer = this.#taking;
    this.#taking = call;
    try {
      this.#executor.submit(call);
    } catch (error) {
      call.fail(error);
    }
    this.#taking = outer;
  }

  cancel(call: ScheduledCall): void {
    if (call.place === "executor") this.#attempt(() => this.#executor.cancel(call));
  }

  /** Updates start and state of a call from the progress that the executor reports. */
  refresh(call: ScheduledCall): void {
    if (call.place !== "executor") return;
    const progress = this.#attempt(() => this.#executor.progress?.(call));
    if (progress === undefined) return;
    call.started(progress.startedAt, progress.worker);
    if (progress.ended) call.ended();
  }

  /** Takes back calls that have not started; resolves with those, with all if the executor fails. */
  async takeBack(calls: readonly ScheduledCall[]): Promise<readonly ScheduledCall[]> {
    if (this.#executor.takeBack === undefined || calls.length === 0) return calls;
    try {
      const pending = new Set<Call>(await this.#executor.takeBack(calls));
      const back = calls.filter((call) => pending.has(call));
      for (const call of back) call.place = "new";
      return back;
    } catch (error) {
      this.#threw(error);
      return calls;
    }
  }

  #attempt<T>(ask: () => T): T | undefined {
    try {
      return ask();
    } catch (error) {
      this.#threw(error);
      return undefined;
    }
  }
}
