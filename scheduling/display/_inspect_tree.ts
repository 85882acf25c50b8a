/** Makes `console.log()` print trees. @module */

import { defineInspect } from "../_base/inspect.ts";
import type { TreeOptions } from "./_tree.ts";

/**
 * Makes `console.log()` show the tree of an object: in colours if the console supports them, as deep as it
 * is asked to, and with lines that fit into the terminal.
 */
export function defineTree<S>(
  type: { readonly prototype: { statistics(): S } },
  render: (statistics: S, options: TreeOptions) => string,
): void {
  defineInspect(type, (shown, { colors = false, depth } = {}) =>
    render(shown.statistics(), {
      colors,
      depth: depth ?? Infinity,
      width: colors ? terminalWidth() : Infinity,
    }));
}

// A text for a file must not depend on the terminal, and is not coloured.
function terminalWidth(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return Infinity;
  }
}
