/** Finds the action that a policy has for an error. @module */

import { classNamesOf } from "../_base/error_class_names.ts";
import type { ErrorAction, ErrorClass, ErrorPolicy } from "../error_policy.ts";

/** What the policy says of an error: the first class that matches, or to raise it. */
export function actionFor(error: unknown, policy: ErrorPolicy): ErrorAction {
  if (typeof policy === "string") return policy;
  return policy.find(([type]) => matches(error, type))?.[1] ?? "raise";
}

// A class of the user's that a worker throws is another one here, so it is known by its name: on every
// executor, as the same program comes to the same end on each.
function matches(error: unknown, type: ErrorClass): boolean {
  try {
    return error instanceof type || classNamesOf(error).includes(type.name);
  } catch {
    // The class decides by code of its own, which throws.
    return false;
  }
}
