/** Checks submissions before their first event. @module */

import { checkFinite, checkFunction, checkSignal, show } from "../_base/check.ts";
import type { CallRequest } from "../_submitter.ts";
import type { Executor } from "../executor.ts";
import { checkFeature } from "../_check_executor.ts";
import type { TaskFunction } from "../function.ts";
import { type CallLimits, checkLimits, type LimitName, limitNames, NO_LIMITS } from "../limits.ts";
import { checkTransferList } from "../transfer.ts";

const REMEDIES: Readonly<Record<LimitName, string>> = {
  wallTime: "use Scheduler.withWorkers() or Scheduler.withProcesses()",
  cpuTime: "use Scheduler.withProcesses(), on Linux or macOS",
  memory: "use Scheduler.withProcesses(), on Linux or macOS",
};

/** The part of a request that is the same for all submissions without options. */
export const PLAIN_REQUEST: Omit<CallRequest, "function" | "args"> = {
  injected: [],
  transfer: [],
  signal: undefined,
  limits: NO_LIMITS,
  priority: 0,
};

/** A checked request; throws unless the executor can run the function and honour the options. */
export function checkRequest(executor: Executor, request: CallRequest): CallRequest {
  checkRunnable(executor, request.function);
  checkFields(request);
  if (request.priority !== 0) checkPriority(executor, request.priority);
  if (request.channel !== undefined) checkChannel(executor, request.channel);
  if (request.limits === NO_LIMITS) return request;
  return { ...request, limits: checkEnforced(executor, request.limits) };
}

/** Throws unless the executor can run the function. */
export function checkRunnable(executor: Executor, fn: TaskFunction): void {
  checkFunction("What is submitted", fn);
  executor.check?.(fn);
}

/** A checked copy of the limits; throws unless the executor enforces them. */
export function checkEnforced(executor: Executor, limits: CallLimits): CallLimits {
  const own = checkLimits(limits);
  const { name, limits: enforced = [] } = executor;
  const missing = limitNames(own).find((limit) => !enforced.includes(limit));
  if (missing !== undefined) {
    throw new TypeError(`${name} cannot enforce a limit of ${missing}: ${REMEDIES[missing]}`);
  }
  return own;
}

/** Throws unless a priority other than 0 is one, and the executor honours it. */
function checkPriority(executor: Executor, priority: number): void {
  checkFinite("priority", priority);
  checkFeature(executor, "priority");
}

function checkChannel(executor: Executor, channel: unknown): void {
  checkFunction("channel of a submission", channel);
  checkFeature(executor, "comm");
}

// Plugins may have put anything into the request.
function checkFields({ args, injected, transfer, signal }: CallRequest): void {
  checkList("args", args);
  checkList("injected", injected);
  checkTransferList("transfer", transfer);
  if (signal !== undefined) checkSignal("signal", signal);
}

function checkList(name: string, list: unknown): void {
  if (!Array.isArray(list)) throw new TypeError(`${name} must be an array, not ${show(list)}`);
}
