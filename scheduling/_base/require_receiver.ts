/** A clear error for methods called without their object. @module */

type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Makes every method of a class check its `this`, which is missing after
 * `const { run } = scheduler`. `variable` is the name of the object in the remedy. `except` lists
 * methods that are bound, or called too often for a check.
 */
export function requireReceiver(
  type: abstract new (...args: never[]) => object,
  variable: string,
  except: readonly string[] = [],
): void {
  for (
    const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(type.prototype))
  ) {
    if (typeof value !== "function" || name === "constructor" || except.includes(name)) continue;
    Object.defineProperty(type.prototype, name, { value: checked(name, value) });
  }

  function checked(name: string, method: Method): Method {
    const check: Method = function (this: unknown, ...args): unknown {
      if (this instanceof type) return method.apply(this, args);
      throw new TypeError(
        `${name}() was called without its ${variable}: call ${variable}.${name}(), or pass ` +
          `(...args) => ${variable}.${name}(...args) as a callback`,
      );
    };
    return Object.defineProperties(check, {
      name: { value: name },
      length: { value: method.length },
    });
  }
}
