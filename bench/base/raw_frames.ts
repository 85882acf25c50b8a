/** Processes that get numbers in bare frames over a pipe: the floor for calls to processes. @module */

import type { ChildProcess } from "node:child_process";
import process from "node:process";
import type { Duplex } from "node:stream";
import { deserialize } from "node:v8";
import { FrameBuffer, frameOf } from "./frames.ts";

/** A process that answers frames of numbers. */
export class FrameProcess {
  readonly #process: ChildProcess;
  readonly #pipe: Duplex;
  readonly #waiting: ((numbers: readonly number[]) => void)[] = [];

  /** A `marked` one notes each number in a file before it takes it. */
  constructor(marked: boolean) {
    const { spawn } = process.getBuiltinModule("node:child_process");
    const { openSync, closeSync } = process.getBuiltinModule("node:fs");
    const path = Deno.makeTempFileSync();
    const file = openSync(path, "r+");
    const program = import.meta.resolve("../children/frame_worker.ts");
    const args = ["run", "--no-prompt", program, marked ? "marked" : "bare"];
    this.#process = spawn(Deno.execPath(), args, {
      stdio: ["ignore", "inherit", "inherit", "pipe", file],
    });
    closeSync(file);
    Deno.removeSync(path);
    this.#pipe = this.#process.stdio[3] as Duplex;
    const frames = new FrameBuffer((body) => this.#waiting.shift()?.(deserialize(body)));
    this.#pipe.on("data", (chunk: Uint8Array) => frames.push(chunk));
  }

  /** Sends numbers in one frame; resolves with those of the answer. */
  send(numbers: readonly number[]): Promise<readonly number[]> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#pipe.write(frameOf(numbers));
    });
  }

  /** Ends the process. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#process.once("exit", () => resolve());
      this.#process.kill();
    });
  }
}
