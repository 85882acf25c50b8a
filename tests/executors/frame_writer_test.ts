/** The pipe of a process, which takes the parts of frames as fast as it can. @module */

import { assertEquals, assertInstanceOf } from "@std/assert";
import { Writable } from "node:stream";
import { FrameWriter } from "../../executors/_links/frame_writer.ts";
import { encodeFrame, FrameReader } from "../../executors/_wire/frames.ts";

const MIB = 2 ** 20;

/** A pipe that takes one chunk, and the next once that was read. */
class Pipe extends Writable {
  readonly read: Uint8Array[] = [];
  #done: (() => void) | undefined;

  constructor() {
    super({ highWaterMark: 2 ** 16 });
  }

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.read.push(new Uint8Array(chunk));
    this.#done = done;
  }

  /** Lets the writer go on; returns whether it had written something. */
  async next(): Promise<boolean> {
    const done = this.#done;
    this.#done = undefined;
    done?.();
    await new Promise((resolve) => setTimeout(resolve, 0));
    return this.#done !== undefined;
  }

  /** Reads all values. */
  async values(): Promise<unknown[]> {
    while (await this.next());
    const values: unknown[] = [];
    const receive = (value: unknown) => values.push(value);
    const reader = new FrameReader({ receive, receiveUnreadable: receive });
    for (const chunk of this.read) reader.push(chunk);
    return values;
  }
}

Deno.test("FrameWriter writes frames in order, large ones in pieces", async () => {
  const pipe = new Pipe();
  const writer = new FrameWriter(pipe);
  const bytes = Uint8Array.from({ length: MIB }, (_, index) => index % 251);
  const values = [1, bytes, "a", { bytes, text: "x".repeat(MIB) }, new Uint8Array(2 ** 16), "b"];
  for (const value of values) writer.write(encodeFrame(value));
  assertEquals(pipe.writableLength < MIB, true);
  assertEquals(await pipe.values(), values);
  assertEquals(Math.max(...pipe.read.map((chunk) => chunk.length)), MIB / 4);
});

Deno.test("FrameWriter marks a value whose buffer was moved", async () => {
  for (const after of [0, 2]) {
    const pipe = new Pipe();
    const writer = new FrameWriter(pipe);
    const buffer = new ArrayBuffer(MIB);
    writer.write(encodeFrame({ buffer }));
    writer.write(encodeFrame("next"));
    for (let piece = 0; piece < after; piece++) await pipe.next();
    structuredClone(buffer, { transfer: [buffer] });
    const [moved, next] = await pipe.values();
    assertInstanceOf(moved, RangeError);
    assertEquals(next, "next");
  }
});

Deno.test("FrameWriter keeps nothing for a pipe that was destroyed", async () => {
  const pipe = new Pipe();
  const writer = new FrameWriter(pipe);
  writer.write(encodeFrame(new ArrayBuffer(MIB)));
  pipe.destroy();
  await new Promise((resolve) => pipe.once("close", resolve));
  writer.write(encodeFrame(1));
  await pipe.next();
  assertEquals(pipe.read.length, 1);
});
