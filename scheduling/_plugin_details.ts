/** What a plugin tells of itself, for the tree. @module */

import { isThenable } from "./_base/is_thenable.ts";
import { show } from "./_base/check.ts";
import type { AnyPlugin } from "./plugin.ts";

/** The details of a plugin; one that cannot tell them does not keep the tree from being drawn. */
export function detailsOf(plugin: AnyPlugin): Readonly<Record<string, unknown>> {
  try {
    const details: unknown = plugin.statistics?.() ?? {};
    if (typeof details === "object" && !isThenable(details)) return { ...details };
    // Else its rejection would end the program.
    if (isThenable(details)) Promise.resolve(details).catch(() => {});
    return { "statistics()": `returned ${show(details)}` };
  } catch (error) {
    return { "statistics()": `threw ${error instanceof Error ? String(error) : show(error)}` };
  }
}
