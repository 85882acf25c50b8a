/** Sends numbers by an inherited pipe, each as a frame that begins with its length. @module */

import { writeSync } from "node:fs";
import { serialize } from "node:v8";

const PIPE = 3;
const HEADER = 4;
const count = Number(Deno.args[0]);

for (let n = 0; n < count; n++) {
  const body = serialize(n);
  const frame = new Uint8Array(HEADER + body.length);
  new DataView(frame.buffer).setUint32(0, body.length, true);
  frame.set(body, HEADER);
  for (let at = 0; at < frame.length;) at += writeSync(PIPE, frame, at);
}
