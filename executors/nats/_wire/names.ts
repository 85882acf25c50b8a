/** Checks the names that scheduler and workers must have in common. @module */

import { show } from "../../../scheduling/_base/check.ts";

const QUEUE = /^[A-Za-z0-9_-]{1,64}$/;

/** Throws unless the server accepts the name as a part of subjects. */
export function checkQueue(queue: unknown): asserts queue is string {
  if (typeof queue === "string" && QUEUE.test(queue)) return;
  throw new TypeError(
    `queue must be a name of 1 to 64 letters, digits, "-" and "_", not ${show(queue)}`,
  );
}

/** Throws for a code version that is no text. */
export function checkCodeVersion(version: unknown): void {
  if (version === undefined || (typeof version === "string" && version !== "")) return;
  throw new TypeError(`codeVersion must be a text that is not empty, not ${show(version)}`);
}
