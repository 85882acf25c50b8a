/** The worker module for large data: takes and returns bytes. @module */

import { type Bytes, bytesOf, sumOfEnds } from "./bytes.ts";

/** The part of a worker's global scope that is used here; the default types lack it. */
interface WorkerScope {
  onmessage: (event: MessageEvent<Bytes | number>) => void;
  postMessage(message: Bytes | number): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = ({ data }) =>
  scope.postMessage(typeof data === "number" ? bytesOf(data) : sumOfEnds(data));
