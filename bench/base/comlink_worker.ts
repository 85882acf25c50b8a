/** The worker module of the comlink bases: trivial functions. @module */

import { expose } from "comlink";

const api = {
  same: (n: number): number => n,
  sumOfEnds: (numbers: Float64Array): number => (numbers[0] ?? 0) + (numbers.at(-1) ?? 0),
};

/** The functions of the worker. */
export type Api = typeof api;

expose(api);
// A call that arrives before expose() would be lost.
(globalThis as unknown as { postMessage(message: string): void }).postMessage("ready");
