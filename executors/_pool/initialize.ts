/** Runs the initializer of a worker. @module */

import { show } from "../../scheduling/_base/check.ts";
import type { Call } from "../../scheduling/executor.ts";
import type { TaskFunction } from "../../scheduling/function.ts";
import { NO_LIMITS } from "../../scheduling/limits.ts";
import { explainFailure, type FailedCall } from "../_calls/explain_failure.ts";
import type { SentToWorker } from "../_calls/sent_to_worker.ts";
import { request } from "../_calls/single_calls.ts";
import type { WorkerEnd } from "../_links/worker_link.ts";
import { fromErrorRecord } from "../_wire/error_revival.ts";
import type { Outcome, WorkerApi } from "../_wire/protocol.ts";

const NO_CALL: Pick<Call, "args" | "transfer" | "limits"> = {
  args: [],
  transfer: [],
  limits: NO_LIMITS,
};

/** Runs the initializer; resolves with the end of its worker if it fails. */
export async function initialize(
  method: WorkerApi["initialize"],
  initializer: TaskFunction,
  sent: SentToWorker,
): Promise<WorkerEnd | undefined> {
  try {
    const call = { ...NO_CALL, function: initializer };
    return initializerFailure(call, await request(method, call, sent));
  } catch (cause) {
    return {
      reason: "died",
      message: "Its worker broke the connection during the initializer",
      cause,
    };
  }
}

function initializerFailure(call: FailedCall, outcome: Outcome): WorkerEnd | undefined {
  if ("value" in outcome) return undefined;
  const cause = causeOf(call, outcome);
  const what = cause instanceof Error ? cause : show(cause);
  return { reason: "died", message: `The initializer failed: ${what}`, cause };
}

function causeOf(call: FailedCall, failure: Exclude<Outcome, { ok: true }>): unknown {
  if ("error" in failure) return fromErrorRecord(explainFailure(failure.error, call));
  return "unsent" in failure ? failure.unsent : failure.unreadable;
}
