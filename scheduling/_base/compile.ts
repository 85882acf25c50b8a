/** Compiles a function from its source text: in a worker to call it, here to see that it can be. @module */

/** A function of unknown type. */
export type AnyFunction = (...args: unknown[]) => unknown;

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/**
 * Compiles the source text of a function, an arrow function or a method.
 *
 * @returns a maker of the function; nothing of the source has run yet.
 * @throws {SyntaxError} when the text does not stand on its own.
 */
export function compile(source: string, name: string): () => AnyFunction {
  const errors: SyntaxError[] = [];
  for (const body of candidates(source, name)) {
    try {
      return new Function(`"use strict"; ${body}\n//# sourceURL=task:${encodeURI(name)}`) as never;
    } catch (error) {
      errors.push(error as SyntaxError);
    }
  }
  // The other forms fail because the text is not of that form, which says nothing.
  throw errors.find(({ message }) => /private|import\.meta|super/i.test(message)) ?? errors[0];
}

function* candidates(source: string, name: string): Iterable<string> {
  // Its own name is in reach, so that a recursive arrow function finds itself; but one that wraps a
  // global of the same name finds that.
  if (IDENTIFIER.test(name) && !(name in globalThis)) {
    yield `const ${name} = (${source}\n); return ${name};`;
  }
  yield `return (${source}\n);`;
  // A method is source only inside an object.
  yield `const methods = Object.getOwnPropertyDescriptors({${source}\n}); ` +
    `const [method] = Reflect.ownKeys(methods).map((key) => methods[key]); ` +
    `return method.value ?? method.get ?? method.set;`;
}
