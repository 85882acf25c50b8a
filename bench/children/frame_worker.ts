/**
 * Answers each frame of numbers on an inherited pipe with a frame of the same numbers. With the argument
 * `marked`, it counts each number in an inherited file before it takes it, so that the count survives it.
 *
 * @module
 */

import { read, writeSync } from "node:fs";
import { deserialize } from "node:v8";
import { FrameBuffer, frameOf } from "../base/frames.ts";

const PIPE = 3;
const FILE = 4;
const isMarked = Deno.args[0] === "marked";
const count = new Uint32Array(1);
const countBytes = new Uint8Array(count.buffer);
const chunk = new Uint8Array(2 ** 16);

const same = (n: number) => n;

const frames = new FrameBuffer((body) => {
  const results = (deserialize(body) as number[]).map((n) => {
    count[0] = (count[0] ?? 0) + 1;
    if (isMarked) writeSync(FILE, countBytes, 0, countBytes.length, 0);
    return same(n);
  });
  const frame = frameOf(results);
  for (let at = 0; at < frame.length;) at += writeSync(PIPE, frame, at);
});

function readNext(): void {
  read(PIPE, chunk, 0, chunk.length, null, (error, length) => {
    if (error !== null || length === 0) Deno.exit();
    frames.push(chunk.slice(0, length));
    readNext();
  });
}

readNext();
