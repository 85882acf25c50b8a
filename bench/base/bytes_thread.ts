/** A worker that takes and returns bytes in bare messages: the floor for large data of workers. @module */

import type { Bytes, BytesRemote } from "./bytes.ts";

/** Copies each argument and each result. */
export class BytesThread implements BytesRemote {
  readonly #worker = new Worker(new URL("./bytes_worker.ts", import.meta.url), { type: "module" });

  send(bytes: Bytes): Promise<number> {
    return this.#call<number>(bytes);
  }

  receive(length: number): Promise<Bytes> {
    return this.#call<Bytes>(length);
  }

  close(): void {
    this.#worker.terminate();
  }

  #call<Answer>(message: Bytes | number): Promise<Answer> {
    return new Promise((resolve) => {
      this.#worker.onmessage = ({ data }) => resolve(data);
      this.#worker.postMessage(message);
    });
  }
}
