/** Encodes what has become of a call. @module */

import { resultError } from "../../../scheduling/_base/uncloneable.ts";
import { PROCESSES } from "../../../scheduling/_base/v8_values.ts";
import { ModuleLoadError } from "../../../scheduling/errors.ts";
import { toErrorRecord, toThrownRecord } from "../../_wire/error_record.ts";
import type { PackedOutcome } from "../_wire/messages.ts";
import { pack } from "../_wire/packed.ts";
import type { Ended, RemoteCall } from "./remote_call.ts";

/** Encodes the outcome of a call that has run on the machine of this name. */
export function packOutcome(call: RemoteCall, outcome: Ended, host: string): PackedOutcome {
  if ("error" in outcome) {
    return { ok: false, error: toThrownRecord(explained(outcome.error, host), PROCESSES) };
  }
  try {
    return { ok: true, value: pack(outcome.value) };
  } catch (cause) {
    return { ok: false, error: toErrorRecord(unsendable(call, outcome.value, cause), PROCESSES) };
  }
}

function unsendable({ name, function: fn }: RemoteCall, value: unknown, cause: unknown): unknown {
  return cause instanceof RangeError
    ? new RangeError(`The result of ${name} cannot be sent: ${cause.message}`)
    : resultError(fn.name || name, value, cause);
}

// A file that the user has need not be on this machine.
function explained(error: unknown, host: string): unknown {
  if (!(error instanceof ModuleLoadError) || !error.url.startsWith("file:")) return error;
  const { cause, url, exportName } = error;
  const message =
    `${error.message}\nIt was loaded on ${host}: a file must exist on each machine with ` +
    `workers, at the same path; modules by https:, jsr: and npm: need no copy`;
  return new ModuleLoadError(message, url, exportName, { cause });
}
