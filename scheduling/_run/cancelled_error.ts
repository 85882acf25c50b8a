/** What a cancelled future rejects with. @module */

import { FutureCancelledError } from "../errors.ts";
import type { Call } from "../executor.ts";

/** Says why a call was cancelled. */
export function cancelledError(
  { name }: Call,
  why: string,
  cause?: unknown,
): FutureCancelledError {
  const message = `${name} was cancelled: ${why}`;
  return new FutureCancelledError(message, cause === undefined ? undefined : { cause });
}
