/** A clear error for methods that are called without their object. @module */

type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Makes every method of a class refuse to run without an object of the class, as after
 * `const { run } = scheduler`. `variable` names the object in the remedy; `except` names methods that
 * are bound, or called too often to be checked.
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
