/** Custom output of `console.log()`. @module */

const INSPECT = Symbol.for("Deno.customInspect");

/** Shows a value as `console.log()` does. */
export type Inspect = (value: unknown, options?: object) => string;

/** The options of `console.log()` that are used here. */
export interface InspectOptions {
  readonly colors?: boolean;
  readonly depth?: number | null;
}

/**
 * Defines how `console.log()` shows the objects of a class in Deno. A method with this symbol as
 * its name would do the same, but `isolatedDeclarations` requires names that are known without type
 * checking.
 */
export function defineInspect<T>(
  type: { readonly prototype: T },
  show: (object: T, options: InspectOptions | undefined, inspect: Inspect) => string,
): void {
  Object.defineProperty(type.prototype, INSPECT, {
    configurable: true,
    writable: true,
    value(this: T, inspect: Inspect, options?: InspectOptions): string {
      return show(this, options, inspect);
    },
  });
}
