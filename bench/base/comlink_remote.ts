/** A bare comlink worker, started by hand. @module */

import { type Remote, wrap } from "comlink";
import type { Api } from "./comlink_worker.ts";

/** A worker with proxies of its methods, kept because comlink makes a new proxy on each access. */
export interface ComlinkRemote {
  readonly worker: Worker;
  readonly same: Remote<Api>["same"];
  readonly sumOfEnds: Remote<Api>["sumOfEnds"];
}

/** Starts a worker and waits until it is ready. */
export async function startRemote(): Promise<ComlinkRemote> {
  const worker = new Worker(new URL("./comlink_worker.ts", import.meta.url), { type: "module" });
  await new Promise((ready) => worker.addEventListener("message", ready, { once: true }));
  const { same, sumOfEnds } = wrap<Api>(worker);
  return { worker, same, sumOfEnds };
}
