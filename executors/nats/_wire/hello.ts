/** Reads what workers say of themselves. Anybody on the network of the server may write there. @module */

import type { Hello, WorkerDescription } from "./messages.ts";
import { readJson } from "./replies.ts";

const ID = /^[\w-]{1,64}$/;

/** Reads the message of a worker; undefined for what is none. */
export function readHello(data: Uint8Array): Hello | undefined {
  const hello = readJson<Partial<Hello> | null>(data);
  if (!isDescription(hello?.from)) return undefined;
  return isIdOrNone(hello?.run) && isIdOrNone(hello?.session) ? hello as Hello : undefined;
}

function isDescription(from: Partial<WorkerDescription> | null | undefined): boolean {
  if (from === undefined || from === null) return false;
  const { worker, host, cores, slots = 0, limits, deno } = from;
  return [worker, host, deno].every((text) => typeof text === "string") &&
    Number.isSafeInteger(slots) && slots > 0 && typeof cores === "number" && Array.isArray(limits);
}

function isIdOrNone(id: unknown): boolean {
  return id === undefined || (typeof id === "string" && ID.test(id));
}
