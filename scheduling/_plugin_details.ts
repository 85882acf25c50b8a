/** The details of a plugin, for the tree. @module */

import { isThenable } from "./_base/is_thenable.ts";
import { show } from "./_base/check.ts";
import { describeError } from "./_describe.ts";
import type { AnyPlugin } from "./plugin.ts";

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
