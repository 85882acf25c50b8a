/**
 * Reads arguments of bytes from an inherited pipe, each after its length and that of its result, and writes
 * the result: bytes of that length, or for none the sum of the first and the last byte.
 *
 * @module
 */

import { readSync, writeSync } from "node:fs";
import { bytesOf, sumOfEnds } from "../base/bytes.ts";

const PIPE = 3;

for (;;) {
  const lengths = new Uint32Array(2);
  read(new Uint8Array(lengths.buffer));
  const [argumentLength = 0, resultLength = 0] = lengths;
  const argument = new Uint8Array(argumentLength);
  read(argument);
  write(resultLength === 0 ? Uint8Array.of(sumOfEnds(argument)) : bytesOf(resultLength));
}

function read(into: Uint8Array): void {
  for (let at = 0; at < into.length;) {
    const length = readSync(PIPE, into, at, into.length - at, null);
    if (length === 0) Deno.exit();
    at += length;
  }
}

function write(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(PIPE, bytes, at, bytes.length - at);
}
