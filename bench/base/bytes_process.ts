/** A process that takes and returns bytes over a bare pipe: the floor for large data of processes. @module */

import type { ChildProcess } from "node:child_process";
import process from "node:process";
import type { Duplex } from "node:stream";
import type { Bytes, BytesRemote } from "./bytes.ts";

/** Writes each argument, and reads each result into memory of its size. */
export class BytesProcess implements BytesRemote {
  readonly #process: ChildProcess;
  readonly #pipe: Duplex;
  #result = new Uint8Array(0);
  #missing = 0;
  #received: (result: Bytes) => void = () => {};

  constructor() {
    const { spawn } = process.getBuiltinModule("node:child_process");
    const program = import.meta.resolve("../children/bytes_process.ts");
    this.#process = spawn(Deno.execPath(), ["run", "--no-prompt", program], {
      stdio: ["ignore", "inherit", "inherit", "pipe"],
    });
    this.#pipe = this.#process.stdio[3] as Duplex;
    this.#pipe.on("data", (chunk: Uint8Array) => this.#take(chunk));
  }

  async send(bytes: Bytes): Promise<number> {
    const [sum = NaN] = await this.#call(bytes, 0);
    return sum;
  }

  receive(length: number): Promise<Bytes> {
    return this.#call(new Uint8Array(0), length);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#process.once("exit", () => resolve());
      this.#process.kill();
    });
  }

  // The answer to an argument is one byte.
  #call(argument: Bytes, resultLength: number): Promise<Bytes> {
    this.#missing = resultLength || 1;
    this.#result = new Uint8Array(this.#missing);
    return new Promise((resolve) => {
      this.#received = resolve;
      this.#pipe.write(new Uint8Array(Uint32Array.of(argument.length, resultLength).buffer));
      this.#pipe.write(argument);
    });
  }

  #take(chunk: Uint8Array): void {
    this.#result.set(chunk, this.#result.length - this.#missing);
    this.#missing -= chunk.length;
    if (this.#missing === 0) this.#received(this.#result);
  }
}
