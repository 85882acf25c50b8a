/** Hashes what a call is given: injected arguments and arguments. @module */

import { checkObjects, type Medium, RefusedError } from "../../scheduling/_base/medium.ts";
import { isShared } from "../../scheduling/shared.ts";
import { encode, type Met } from "./_canonical.ts";
import { digest } from "./_hash.ts";

/** What can be part of a key. */
export const KEYS: Medium = {
  verdict: "cannot be part of a key",
  accepts(value: unknown): boolean {
    try {
      digestsOf([value]);
      return true;
    } catch {
      return false;
    }
  },
};

// A shared value is hashed once.
const ofShared = new WeakMap<object, string>();

/**
 * The digest of each value. They count as one value: it matters which objects two of them share.
 *
 * @throws {RefusedError} when a value cannot be cloned, or has no encoding.
 */
export function digestsOf(values: readonly unknown[]): string[] {
  try {
    checkObjects(values, values.filter(isShared));
    // Clones first: a key covers what a worker would see, and each getter is called only once.
    const copies = structuredClone(values.map((value) => isShared(value) ? undefined : value));
    const met: Met = new Map();
    return values.map((value, number) =>
      isShared(value)
        ? digestOfShared(value, number, met)
        : digestOf(copies[number], number, met, false)
    );
  } catch (cause) {
    throw cause instanceof RefusedError ? cause : new RefusedError(KEYS, cause);
  }
}

function digestOfShared(value: object, number: number, met: Met): string {
  if (met.has(value)) return digestOf(value, number, met, true);
  met.set(value, { root: number, id: 0 });
  const known = ofShared.get(value);
  if (known !== undefined) return known;
  const own = digestOf(structuredClone(value), number, new Map(), true);
  ofShared.set(value, own);
  return own;
}

function digestOf(value: unknown, number: number, met: Met, ownsMemory: boolean): string {
  return digest((sink) => encode({ value, number, met, ownsMemory }, sink));
}
