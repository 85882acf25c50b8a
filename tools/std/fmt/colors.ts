/** `@std/fmt/colors` with its types, answered by the npm package `deno-std`. @module */
import * as untyped from "deno-std/fmt/colors.js";

type Paint = (text: string) => string;

/** Makes text bold. */
export const bold: Paint = untyped.bold;
/** Makes text dim. */
export const dim: Paint = untyped.dim;
/** Makes text yellow. */
export const yellow: Paint = untyped.yellow;
/** Makes text cyan. */
export const cyan: Paint = untyped.cyan;
/** Makes text magenta. */
export const magenta: Paint = untyped.magenta;
/** Makes text red. */
export const red: Paint = untyped.red;
/** Makes text green. */
export const green: Paint = untyped.green;
/** Removes ANSI codes from text. */
export const stripAnsiCode: Paint = untyped.stripAnsiCode;
/** Whether colours are enabled. */
export const getColorEnabled: () => boolean = untyped.getColorEnabled;
/** Turns colours on or off for the whole process. */
export const setColorEnabled: (enabled: boolean) => void = untyped.setColorEnabled;
