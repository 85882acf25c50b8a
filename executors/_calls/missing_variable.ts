/** Explains why a variable is missing in a worker. @module */

import type { FunctionSource } from "../../scheduling/function.ts";

// The globals of the main thread that workers lack.
const OF_THE_MAIN_THREAD: ReadonlySet<string> = new Set([
  ...["alert", "confirm", "prompt"],
  ...["localStorage", "sessionStorage", "Storage"],
  ...["window", "Window", "Location", "Navigator", "closed"],
]);
const OF_JSX = /^(?:_?jsx\w*|_?Fragment\d*|\$\$_tpl_\d+|React)$/;
const ELEMENT = /\bh\(\s*(?:"[a-z]|[A-Z])/;
// Helpers of compilers: snake case or two leading underscores, which people rarely write.
const OF_A_COMPILER = /^(?:__(?!dirname$|filename$)[a-z]\w*|_[a-z]+(?:_[a-z0-9]+)+)$/i;

/** Adds reason and remedy to the message of a `ReferenceError`; undefined if they are not known. */
export function missingVariable(message: string, fn: FunctionSource): string | undefined {
  const variable = /^(\S+) is not defined$/.exec(message)?.[1];
  if (variable === undefined) return undefined;
  const reason = reasonFor(variable, fn);
  return reason && `${message} in the worker: ${reason}`;
}

function reasonFor(variable: string, fn: FunctionSource): string | undefined {
  if (OF_THE_MAIN_THREAD.has(variable)) {
    return `workers have no ${variable}, as the main thread has; use it there, and pass what it gives, ` +
      `or a variable of yours by that name, as an argument`;
  }
  if (fn.kind !== "source" || !fn.source.includes(variable)) return undefined;
  const crossed = `${fn.name || "the function"} crossed as source text`;
  const module = "use fromModule()";
  if (isOfJsx(variable, fn.source)) {
    return `${crossed}, without what the compiler imports for JSX; put it into a module and ${module}`;
  }
  if (OF_A_COMPILER.test(variable)) {
    return `${crossed}, without the helpers that the compiler puts beside it for syntax such as ` +
      `decorators; put it into a module and ${module}`;
  }
  if (variable === fn.name) {
    return `${crossed}, without the other ${variable} around it; put both into a module and ${module}`;
  }
  return `${crossed}, without what is around it; pass ${variable} as an argument, or put the function ` +
    `into a module and ${module}`;
}

function isOfJsx(variable: string, source: string): boolean {
  return OF_JSX.test(variable) || (variable === "h" && ELEMENT.test(source));
}
