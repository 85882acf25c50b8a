/** The option `batch` of workers and processes. @module */

import { checkCount, show } from "../../scheduling/_base/check.ts";
import type { BatchSize } from "../_calls/batch_size.ts";
import { MAX_BATCH_SIZE } from "../_wire/protocol.ts";

/** Checks the option and fills in its default; throws if it is wrong. */
export function batchSize(
  { batch = "adaptive" }: { readonly batch?: BatchSize | undefined },
): BatchSize {
  if (batch === "adaptive") return batch;
  if (typeof batch !== "number") {
    throw new TypeError(`batch must be a number or "adaptive", not ${show(batch)}`);
  }
  checkCount("batch", batch);
  if (batch > MAX_BATCH_SIZE) {
    throw new RangeError(`batch must be at most ${MAX_BATCH_SIZE}, not ${batch}`);
  }
  return batch;
}
