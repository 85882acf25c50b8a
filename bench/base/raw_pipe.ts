/** Messages over a bare pipe, each a frame that begins with its length. @module */

import type { ChildProcess } from "node:child_process";
import process from "node:process";
import type { Readable } from "node:stream";
import { deserialize } from "node:v8";
import { check, sumBelow } from "../checks.ts";

const HEADER = 4;

/** Messages a second that a process sends and this one receives. */
export async function messagesOfPipe(count: number, warmUp: number): Promise<number> {
  const { spawn } = process.getBuiltinModule("node:child_process");
  const child = spawn(Deno.execPath(), [
    "run",
    "--no-prompt",
    import.meta.resolve("../children/pipe_sender.ts"),
    `${warmUp + count}`,
  ], { stdio: ["ignore", "inherit", "inherit", "pipe"] });
  return await read(child, count, warmUp);
}

function read(child: ChildProcess, count: number, warmUp: number): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  let rest = new Uint8Array(0);
  let received = 0;
  let sum = 0;
  let since = 0;
  let last = 0;
  (child.stdio[3] as Readable).on("data", (chunk: Uint8Array) => {
    let bytes = rest.length === 0 ? chunk : Uint8Array.from([...rest, ...chunk]);
    for (;;) {
      const length = bytes.length < HEADER ? Infinity : lengthOf(bytes);
      if (bytes.length < HEADER + length) break;
      sum += deserialize(bytes.subarray(HEADER, HEADER + length));
      bytes = bytes.subarray(HEADER + length);
      if (++received === warmUp) since = performance.now();
    }
    rest = Uint8Array.from(bytes);
    last = performance.now();
  });
  child.once("close", () => {
    check(sum, sumBelow(warmUp + count));
    resolve(count / ((last - since) / 1000));
  });
  return promise;
}

function lengthOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}
