/** How the workers of the raw pool answer. @module */

/** The part of a worker's global scope that is used here; the default types lack it. */
interface WorkerScope {
  onmessage: (event: MessageEvent<number>) => void;
  postMessage(message: number | string): void;
}

/** Answers each message with the result of the function. */
export function answerWith(fn: (n: number) => number): void {
  const scope = globalThis as unknown as WorkerScope;
  scope.onmessage = ({ data }) => scope.postMessage(fn(data));
  scope.postMessage("ready");
}
