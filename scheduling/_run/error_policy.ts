/** Finds the action that a policy has for an error. @module */

import { classNamesOf } from "../_base/error_class_names.ts";
import type { ErrorAction, ErrorClass, ErrorPolicy } from "../run_options.ts";

/** What the policy says of an error: the first class that matches, or to raise it. */
export function actionFor(error: unknown, policy: ErrorPolicy): ErrorAction {
  if (typeof policy === "string") return policy;
  return policy.find(([type]) => matches(error, type))?.[1] ?? "raise";
}

// A class of a worker's realm is another one here, so it is known by its name.
function matches(error: unknown, type: ErrorClass): boolean {
  if (error instanceof type) return true;
  return classNamesOf(error).includes(type.name);
}
