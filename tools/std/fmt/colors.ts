/** `@std/fmt/colors` with its types, answered by the npm package `deno-std`. @module */
import * as untyped from "deno-std/fmt/colors.js";

type Paint = (text: string) => string;

/** Bold text. */
export const bold: Paint = untyped.bold;
/** Dimmed text. */
export const dim: Paint = untyped.dim;
/** Yellow text. */
export const yellow: Paint = untyped.yellow;
/** Cyan text. */
export const cyan: Paint = untyped.cyan;
/** Magenta text. */
export const magenta: Paint = untyped.magenta;
/** Green text. */
export const green: Paint = untyped.green;
/** The text without its ANSI codes. */
export const stripAnsiCode: Paint = untyped.stripAnsiCode;
/** Whether colours are written at all. */
export const getColorEnabled: () => boolean = untyped.getColorEnabled;
/** Turns colours on or off for the whole process. */
export const setColorEnabled: (enabled: boolean) => void = untyped.setColorEnabled;
