/** SHA-256, loaded when it is first needed. @module */

import { builtin } from "./_builtin.ts";

type Hash = ReturnType<typeof import("node:crypto").createHash>;

/** A new SHA-256. */
export function newHash(): Hash {
  return builtin("node:crypto").createHash("sha256");
}
