/** Applies an error policy. @module */

import { classNamesOf } from "../_base/error_class_names.ts";
import type { ErrorAction, ErrorClass, ErrorPolicy } from "../error_policy.ts";

/** The action for an error: that of the first class that matches, otherwise `"raise"`. */
export function actionFor(error: unknown, policy: ErrorPolicy): ErrorAction {
  if (typeof policy === "string") return policy;
  return policy.find(([type]) => matches(error, type))?.[1] ?? "raise";
}

// An error class of a worker differs from the class of the same name in this thread, so names match
// too. They match on every executor, so that a program ends the same way on each.
function matches(error: unknown, type: ErrorClass): boolean {
  try {
    return error instanceof type || classNamesOf(error).includes(type.name);
  } catch {
    // The class has a Symbol.hasInstance of its own that throws.
    return false;
  }
}
