/**
 * The module of `files.ts`. Workers import it, so it may use imports and helper functions.
 *
 * @module
 */

import { Matrix, solve } from "ml-matrix";

/** A straight line: y = slope * x + intercept. */
export interface Line {
  /** How much y grows with x. */
  readonly slope: number;
  /** The y at x = 0. */
  readonly intercept: number;
}

/** Fits a line by least squares to a file with one pair `x,y` on each line. */
export async function fitLine(path: string): Promise<Line> {
  const text = await Deno.readTextFile(path);
  const points = text.trim().split("\n").map(parsePoint);
  const xs = new Matrix(points.map(({ x }) => [x, 1]));
  const ys = Matrix.columnVector(points.map(({ y }) => y));
  const [slope = NaN, intercept = NaN] = solve(xs, ys, true).to1DArray();
  return { slope, intercept };
}

function parsePoint(line: string): { x: number; y: number } {
  const [x = NaN, y = NaN] = line.split(",").map(Number);
  if (Number.isNaN(x + y)) throw new SyntaxError(`Not a pair of numbers: ${line}`);
  return { x, y };
}
