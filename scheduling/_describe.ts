/** Values, errors and plugins in a few words, for displays. Nothing here throws. @module */

import { shortened, show } from "./_base/check.ts";
import { inspected } from "./_base/inspect.ts";
import { isThenable } from "./_base/is_thenable.ts";
import { isFuture } from "./future.ts";
import type { AnyPlugin } from "./plugin.ts";

const MAX_STRING = 40;
const INSPECT_OPTIONS: Deno.InspectOptions = {
  depth: 1,
  compact: true,
  breakLength: Infinity,
  iterableLimit: 4,
  strAbbreviateSize: MAX_STRING,
};

/** The arguments of a call in one short line. It never throws. */
export function describeArgs(args: readonly unknown[]): string {
  return shortened(args.slice(0, 8).map(describe).join(", "));
}

/** A value in one line. It never throws. */
function describe(value: unknown): string {
  if (typeof value === "string") return describeString(value);
  if (typeof value === "function") return show(value);
  if (isFuture(value)) return `${value.taskName} #${value.id}`;
  return inspected(value, INSPECT_OPTIONS).replace(/\s+/g, " ");
}

function describeString(text: string): string {
  return JSON.stringify(text.length > MAX_STRING ? `${text.slice(0, MAX_STRING)}…` : text);
}

/** What a call or callback has thrown, as text. It never throws, though a class of the user may. */
export function describeError(error: unknown): string {
  try {
    return error instanceof Error ? String(error) : show(error);
  } catch {
    return show(error);
  }
}

/** The record that `statistics()` of a plugin returns; one that fails must not prevent the tree. */
export function detailsOf(plugin: AnyPlugin): Readonly<Record<string, unknown>> {
  try {
    const details: unknown = plugin.statistics?.() ?? {};
    if (typeof details === "object" && !isThenable(details)) return { ...details };
    // An unhandled rejection would end the program.
    if (isThenable(details)) Promise.resolve(details).catch(() => {});
    return { "statistics()": `returned ${show(details)}` };
  } catch (error) {
    return { "statistics()": `threw ${describeError(error)}` };
  }
}
