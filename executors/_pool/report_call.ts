/** Reports the fate of a call to the scheduler. @module */

import { explainFailure } from "../_calls/explain_failure.ts";
import type { LostCalls, SettledCall } from "../_calls/in_flight.ts";
import type { WorkerEnd } from "../_links/worker_link.ts";
import { fromErrorRecord } from "../_wire/error_revival.ts";
import { argumentError, unreadableResultError } from "../../scheduling/_base/uncloneable.ts";
import {
  CpuTimeLimitError,
  type LimitError,
  MemoryLimitError,
  WallTimeLimitError,
  WorkerLostError,
} from "../../scheduling/errors.ts";
import type { Call } from "../../scheduling/executor.ts";
import { type CallLimits, type LimitName, memoryTexts } from "../../scheduling/limits.ts";

/** Reports a call that has ended at the worker with a number, or could not cross. */
export function reportSettled({ call, outcome, startedAt }: SettledCall, worker: number): void {
  if (startedAt !== undefined) call.started(startedAt, worker);
  if ("value" in outcome) call.succeed(outcome.value);
  else if ("error" in outcome) {
    call.fail(fromErrorRecord(explainFailure(outcome.error, call), call.name));
  } else if ("unsent" in outcome) call.fail(argumentError(call, outcome.unsent));
  else call.fail(unreadableResultError(call.name, outcome.unreadable));
}

/** The calls that a lost worker takes with it. */
export interface Losses {
  /** Calls whose arguments have moved to the worker. */
  readonly gone: readonly Call[];
  /** A call that is given up. */
  readonly undelivered: Call | undefined;
  readonly running: LostCalls["running"];
}

/** Reports the calls that a lost worker, which had this number, takes with it. */
export function reportLosses(
  { gone, undelivered, running }: Losses,
  end: WorkerEnd,
  worker: number,
): void {
  for (const call of gone) reportLost(call, end);
  if (undelivered !== undefined) reportUndelivered(undelivered, end);
  if (running !== undefined) reportLostRunning(running, end, worker);
}

/** Reports a call whose worker ended while running it. */
function reportLost(call: Call, { message, reason, limit, ...details }: WorkerEnd): void {
  if (limit !== undefined && call.limits[limit] !== undefined) {
    return call.fail(limitError(call, limit));
  }
  call.fail(
    new WorkerLostError(`${call.name} was lost: ${uncapitalized(message)}`, reason, details),
  );
}

/** Reports the call that a lost worker was running. */
function reportLostRunning(
  { call, startedAt }: NonNullable<LostCalls["running"]>,
  end: WorkerEnd,
  worker: number,
): void {
  call.started(startedAt, worker);
  reportLost(call, end);
}

/** Reports a call that is given up, because each worker that got it ended before the call started. */
function reportUndelivered(call: Call, end: WorkerEnd): void {
  const { message, reason: _reason, limit: _limit, ...details } = end;
  const text = `${call.name} cannot be delivered, because three workers ended before it started; ` +
    `the last time ${uncapitalized(message)}`;
  call.fail(new WorkerLostError(text, "undeliverable", details));
}

function uncapitalized(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

/** The error of a call that has reached the named limit. */
function limitError({ name, limits }: Call, reached: LimitName): LimitError {
  const limit = limits[reached] ?? NaN;
  switch (reached) {
    case "wallTime":
      return new WallTimeLimitError(`${name} ran longer than its limit of ${limit} ms`, limit);
    case "cpuTime":
      return new CpuTimeLimitError(
        `${name} used more CPU time than its limit of ${limit} ms`,
        limit,
      );
    case "memory":
      return new MemoryLimitError(
        `${name} used more memory than its limit of ${showMemory(limits, limit)}`,
        limit,
      );
  }
}

// In the unit that the user chose.
function showMemory(limits: CallLimits, bytes: number): string {
  return memoryTexts.get(limits) ?? `${bytes} bytes`;
}
