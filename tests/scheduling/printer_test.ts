// How the package writes to the output streams of the program.
import { assertEquals } from "@std/assert";
import { Printer } from "../../scheduling/_base/printer.ts";

const MIB = 2 ** 20;

Deno.test("Printer writes in order, also what a stream takes in parts", async () => {
  const taken: number[] = [];
  const printer = new Printer(() => ({
    write(bytes) {
      taken.push(...bytes.subarray(0, 2));
      return Promise.resolve(Math.min(2, bytes.length));
    },
  }));
  printer.write(Uint8Array.of(1, 2, 3), Uint8Array.of(4));
  await printer.write(Uint8Array.of(5));
  assertEquals(taken, [1, 2, 3, 4, 5]);
});

Deno.test("Printer drops what a reader leaves waiting beyond 8 MiB, then goes on", async () => {
  const reader = Promise.withResolvers<void>();
  let written = 0;
  const printer = new Printer(() => ({
    async write(bytes) {
      await reader.promise;
      written += bytes.length;
      return bytes.length;
    },
  }));
  for (let n = 0; n < 20; n++) printer.write(new Uint8Array(MIB));
  reader.resolve();
  await printer.write();
  assertEquals(written, 9 * MIB);
  await printer.write(new Uint8Array(MIB));
  assertEquals(written, 10 * MIB);
});

Deno.test("Printer drops what cannot be written, and goes on", async () => {
  let calls = 0;
  const printer = new Printer(() => ({
    write(bytes) {
      return calls++ === 0 ? Promise.reject(new Error("broken")) : Promise.resolve(bytes.length);
    },
  }));
  await printer.write(new Uint8Array(1));
  await printer.write(new Uint8Array(1));
  assertEquals(calls, 2);
});
