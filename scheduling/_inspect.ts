/** The name under which `console.log()` looks for a way to show an object. @module */

/** A method of this name says how `console.log()` shows an object in Deno. */
export const inspectSymbol: unique symbol = Symbol.for("Deno.customInspect") as never;
