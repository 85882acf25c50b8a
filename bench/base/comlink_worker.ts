/** The worker of the hand-written comlink pool: one trivial function. @module */

import { expose } from "comlink";

const api = { same: (n: number): number => n };

/** What the worker offers. */
export type Api = typeof api;

expose(api);
(globalThis as unknown as { postMessage(message: string): void }).postMessage("ready");
