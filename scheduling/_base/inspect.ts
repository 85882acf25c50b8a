/** How `console.log()` shows objects. @module */

const INSPECT = Symbol.for("Deno.customInspect");

/** Shows a value as `console.log()` does. */
export type Inspect = (value: unknown, options?: object) => string;

/** Of the options of `console.log()`, what is used here. */
export interface InspectOptions {
  readonly colors?: boolean;
}

/**
 * Says how `console.log()` shows the objects of a class in Deno. A method of that name would do, had
 * the name of a method not to be told from its file alone.
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

/** Has `console.log()` show the tree of an object, in colours where the console has them. */
export function defineTree<S>(
  type: { readonly prototype: { statistics(): S } },
  render: (statistics: S, colors: boolean) => string,
): void {
  defineInspect(type, (shown, options) => render(shown.statistics(), options?.colors ?? false));
}
