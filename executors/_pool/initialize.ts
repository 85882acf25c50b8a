/** Runs the initializer of a worker. @module */

import { show } from "../../scheduling/_base/check.ts";
import type { TaskFunction } from "../../scheduling/function.ts";
import { explainFailure, type FailedCall } from "../_calls/explain_failure.ts";
import type { SentToWorker } from "../_calls/sent_to_worker.ts";
import type { WorkerEnd } from "../_links/worker_link.ts";
import { fromErrorRecord } from "../_wire/error_revival.ts";
import type { Outcome, WorkerApi } from "../_wire/protocol.ts";

/** Runs the initializer; resolves with the end of its worker if it fails. */
export async function initialize(
  method: WorkerApi["initialize"],
  initializer: TaskFunction,
  sent: SentToWorker,
): Promise<WorkerEnd | undefined> {
  try {
    const outcome = await method({ functionId: sent.ensureFunction(initializer) });
    return initializerFailure({ function: initializer, args: [] }, outcome);
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
