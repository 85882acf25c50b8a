/** The worker module of the raw pool: one trivial function. @module */

/** The part of a worker's global scope that is used here; the default types lack it. */
interface WorkerScope {
  onmessage: (event: MessageEvent<number>) => void;
  postMessage(message: number | string): void;
}

const scope = globalThis as unknown as WorkerScope;
const same = (n: number): number => n;

scope.onmessage = ({ data }) => scope.postMessage(same(data));
scope.postMessage("ready");
