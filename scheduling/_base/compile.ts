/** Compiles a function from its source text: in a worker to call it, here to check it. @module */

import { meansItself } from "./own_name.ts";

/** A function of unknown type. */
export type AnyFunction = (...args: unknown[]) => unknown;

// An indirect call, so it evaluates in the global scope. Unlike `new Function()`, which adds two
// lines in front, it preserves line numbers. Kept here because a task may replace the global one.
const evaluate: (text: string) => unknown = globalThis.eval;

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** The folder from which compiled functions resolve relative imports. */
export const IMPORT_BASE: string = new URL("../", import.meta.url).href;

/**
 * Compiles the source text of a function, an arrow function or a method.
 *
 * @returns a function that creates the function; none of the source has run yet.
 * @throws {SyntaxError} when the text does not compile on its own.
 */
export function compile(source: string, name: string): () => AnyFunction {
  // The script name in stack traces. A lone surrogate cannot be encoded.
  const origin = `\n//# sourceURL=task:${encodeURIComponent((name || "anonymous").toWellFormed())}`;
  const errors: SyntaxError[] = [];
  for (const body of candidates(source, name)) {
    try {
      // Not an arrow function, in which `this` would be the global object.
      return evaluate(`"use strict";(function(){${body}})${origin}`) as () => AnyFunction;
    } catch (error) {
      errors.push(error as SyntaxError);
    }
  }
  // Errors of the other candidates only say that the text has another form.
  throw errors.find(({ message }) => /private|import\.meta|super/i.test(message)) ?? errors[0];
}

function* candidates(source: string, name: string): Iterable<string> {
  // The name is in scope, so that a recursive arrow function finds itself. A function that wraps
  // another one of the same name, or a global, must find that instead.
  if (IDENTIFIER.test(name) && !(name in globalThis) && meansItself(source, name)) {
    yield `const ${name}=(${source}\n);return ${name};`;
  }
  yield `return (${source}\n);`;
  // The source of a method compiles only inside an object.
  yield `const methods=Object.getOwnPropertyDescriptors({${source}\n});` +
    `const [method]=Reflect.ownKeys(methods).map((key)=>methods[key]);` +
    `return method.value??method.get??method.set;`;
}
