/** How `console.log()` and notebooks show objects. @module */

import { show as shownInMessages } from "./check.ts";

const INSPECT = Symbol.for("Deno.customInspect");
const DISPLAY = Symbol.for("Jupyter.display");

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

/** The same content in several formats; a notebook shows the best that it knows. */
export interface MimeBundle {
  readonly "text/html": string;
  readonly "text/plain": string;
}

/** An object that notebooks show. */
interface Shown {
  toHTML(): string;
}

/**
 * Defines what notebooks show of the objects with a prototype. A method with this symbol as its name
 * would do the same, but `isolatedDeclarations` requires names that are known without type checking.
 */
export function defineDisplay(prototype: Shown): void {
  define(prototype, function (this: Shown): MimeBundle {
    return { "text/html": this.toHTML(), "text/plain": plainText(this) };
  });
}

/** Defines what notebooks show of a plain object, which remains equal to others of its content. */
export function withDisplay<T extends object>(object: T, toHtml: (shown: T) => string): T {
  return define(object, () => ({ "text/html": toHtml(object), "text/plain": plainText(object) }));
}

function define<T extends object>(target: T, value: () => MimeBundle): T {
  return Object.defineProperty(target, DISPLAY, { configurable: true, writable: true, value });
}

// The error of a user may have a toString() that throws.
function plainText(shown: object): string {
  try {
    return Deno.inspect(shown, { colors: false });
  } catch {
    return shownInMessages(shown);
  }
}
