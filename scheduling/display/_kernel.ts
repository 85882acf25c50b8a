/** The kernel of a notebook, if the program runs in one. @module */

import type { MimeBundle } from "../_base/inspect.ts";

/** `Deno.jupyter`, as far as it is used here. */
export interface Kernel {
  display(
    bundle: MimeBundle,
    options: { raw: true; display_id: string; update: boolean },
  ): Promise<void>;
}

/** The kernel; undefined outside of a notebook. */
export function kernel(): Kernel | undefined {
  try {
    return (Deno as unknown as { readonly jupyter?: Kernel }).jupyter;
  } catch {
    // Deno throws outside of its kernel.
    return undefined;
  }
}
