/** Compiles a function from its source text: in a worker to call it, here to see that it can be. @module */

import { meansItself } from "./own_name.ts";

/** A function of unknown type. */
export type AnyFunction = (...args: unknown[]) => unknown;

// In the global scope, as it is not called by its own name. Unlike `new Function()`, which puts two
// lines before the text, it leaves the lines of the function as they are. A task may replace it.
const evaluate: (text: string) => unknown = globalThis.eval;

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** The folder that the relative imports of what is compiled are resolved from. */
export const IMPORT_BASE: string = new URL("../", import.meta.url).href;

/**
 * Compiles the source text of a function, an arrow function or a method.
 *
 * @returns a maker of the function; nothing of the source has run yet.
 * @throws {SyntaxError} when the text does not stand on its own.
 */
export function compile(source: string, name: string): () => AnyFunction {
  // Stack traces name the script after it; a lone surrogate has no encoding.
  const origin = `\n//# sourceURL=task:${encodeURIComponent((name || "anonymous").toWellFormed())}`;
  const errors: SyntaxError[] = [];
  for (const body of candidates(source, name)) {
    try {
      // Not as an arrow function, in which \`this\` would be the global one.
      return evaluate(`"use strict";(function(){${body}})${origin}`) as () => AnyFunction;
    } catch (error) {
      errors.push(error as SyntaxError);
    }
  }
  // The other forms fail because the text is not of that form, which says nothing.
  throw errors.find(({ message }) => /private|import\.meta|super/i.test(message)) ?? errors[0];
}

function* candidates(source: string, name: string): Iterable<string> {
  // Its own name is in reach, so that a recursive arrow function finds itself; but one that wraps
  // another function of the same name, or a global, finds that.
  if (IDENTIFIER.test(name) && !(name in globalThis) && meansItself(source, name)) {
    yield `const ${name}=(${source}\n);return ${name};`;
  }
  yield `return (${source}\n);`;
  // A method is source only inside an object.
  yield `const methods=Object.getOwnPropertyDescriptors({${source}\n});` +
    `const [method]=Reflect.ownKeys(methods).map((key)=>methods[key]);` +
    `return method.value??method.get??method.set;`;
}
