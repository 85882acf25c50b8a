/** The output of processes: forwarded as it arrives, in bounded memory, never failing a run. @module */

import { assert, assertEquals, assertLess } from "@std/assert";
import { PassThrough, Readable } from "node:stream";
import { Output } from "../../executors/_links/output.ts";
import { Printer } from "../../scheduling/_base/printer.ts";
import { fixtureCommand } from "../fixtures/run_fixture.ts";

/** A target that accepts a few bytes at a time, as slow files do, and stores them. */
class Target {
  text = "";
  readonly write = async (bytes: Uint8Array): Promise<number> => {
    await Promise.resolve();
    const part = bytes.subarray(0, 7);
    this.text += new TextDecoder().decode(part);
    return part.length;
  };
}

/** Resolves when the condition holds. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}

// --- one stream

Deno.test("Output forwards whole lines, and the rest at the end", async () => {
  for (
    const [parts, expected] of [
      [["one\ntwo", " and\nthree"], "one\ntwo and\nthree\n"],
      [["one\n"], "one\n"],
      [["\n\n", "x"], "\n\nx\n"],
      [[], ""],
    ] as const
  ) {
    const target = new Target();
    await new Output(
      Readable.from(parts.map((part) => new TextEncoder().encode(part))),
      new Printer(() => target),
    ).finished;
    assertEquals(target.text, expected);
  }
});

Deno.test("Output forwards an incomplete line before its end", async () => {
  const target = new Target();
  const from = new PassThrough();
  const output = new Output(from, new Printer(() => target));
  from.write("50 %\r");
  await until(() => target.text === "50 %\r");
  from.write("60 %\r");
  await until(() => target.text === "50 %\r60 %\r");
  from.end();
  await output.finished;
  assertEquals(target.text, "50 %\r60 %\r\n");
});

Deno.test("Output forwards a long line without newline at once", async () => {
  const target = new Target();
  const from = new PassThrough();
  const output = new Output(from, new Printer(() => target));
  from.write("x".repeat(2 ** 17));
  await until(() => target.text.length > 2 ** 16);
  from.end();
  await output.finished;
  assertEquals(target.text, `${"x".repeat(2 ** 17)}\n`);
});

Deno.test("Output reads no more than a little ahead of what is written", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let written = 0;
  const printer = new Printer(() => ({
    write: async (bytes) => {
      await promise;
      written += bytes.length;
      return bytes.length;
    },
  }));
  let read = 0;
  const chunks = function* () {
    for (; read < 1000; read++) yield new Uint8Array(2 ** 16);
  };
  const output = new Output(Readable.from(chunks(), { highWaterMark: 1 }), printer);
  // Enough turns to read the whole stream.
  for (let n = 0; n < 1000; n++) await new Promise((resolve) => setTimeout(resolve));
  assertLess(read, 10);
  resolve();
  await output.finished;
  assertEquals(written, 1000 * 2 ** 16 + 1);
});

Deno.test("Output drops what cannot be written, and continues", async () => {
  const errors = [
    new Deno.errors.BrokenPipe("Broken pipe (os error 32)"),
    new Deno.errors.WouldBlock("Resource temporarily unavailable (os error 11)"),
    new Error("No space left on device (os error 28)"),
  ];
  let text = "";
  const printer = new Printer(() => ({
    write: (bytes) => {
      const error = errors.shift();
      if (error !== undefined) return Promise.reject(error);
      text += new TextDecoder().decode(bytes);
      return Promise.resolve(bytes.length);
    },
  }));
  const lines = [1, 2, 3, 4, 5].map((n) => new TextEncoder().encode(`line ${n}\n`));
  await new Output(Readable.from(lines), printer).finished;
  assertEquals(text, "line 4\nline 5\n");
});

Deno.test("Output.end() gives up on a stream that another program holds open", async () => {
  const target = new Target();
  const from = new PassThrough();
  const output = new Output(from, new Printer(() => target));
  from.write("last words");
  output.end();
  await output.finished;
  assertEquals([target.text, from.destroyed], ["last words\n", true]);
});

Deno.test("Printer keeps the lines of two streams apart", async () => {
  const target = new Target();
  const printer = new Printer(() => target);
  const outputs = ["a", "b"].map((letter) => {
    const lines = Array.from({ length: 20 }, () => `${letter.repeat(30)}\n`);
    return new Output(Readable.from(lines.map((line) => new TextEncoder().encode(line))), printer);
  });
  await Promise.all(outputs.map(({ finished }) => finished));
  assertEquals(target.text.split("\n").filter((line) => !/^(a{30}|b{30})$/.test(line)), [""]);
});

// --- programs

const kinds = ["workers", "processes"] as const;

Deno.test("processes: a part of a line is forwarded while its task runs", async () => {
  const gate = await Deno.makeTempFile();
  const child = fixtureCommand("prints_parts.ts", ["--allow-all"], [gate]).spawn();
  const errors = new Response(child.stderr).text();
  let text = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    // The task waits for this file.
    if (text === "50 %\r") await Deno.remove(gate);
  }
  assertEquals([(await child.status).code, await errors], [0, ""]);
  assertEquals(text, "50 %\r100 %\n");
});

for (const kind of kinds) {
  for (const stream of ["stdout", "stderr"] as const) {
    Deno.test(`${kind}: a reader of ${stream} that goes away costs the run nothing`, async () => {
      const child = fixtureCommand("prints_much.ts", ["--allow-all"], [kind, stream]).spawn();
      const other = stream === "stdout" ? "stderr" : "stdout";
      const rest = new Response(child[other]).text();
      const reader = child[stream].getReader();
      await reader.read();
      await reader.cancel();
      assertEquals([(await child.status).code, await rest], [0, "exhausted 5\n"]);
    });
  }
}

const posix = { ignore: Deno.build.os === "windows" };

/** Runs the program in a shell, with its output redirected by the last argument. */
async function redirected(kind: string, to: string): Promise<string> {
  const command = [
    Deno.execPath(),
    "run",
    "--quiet",
    "--allow-all",
    "--import-map=import_map.npm.json",
    "tests/fixtures/prints_much.ts",
  ].join(" ");
  const { stderr } = await new Deno.Command("sh", {
    args: ["-c", `${command} ${kind} stdout ${to}`],
    signal: AbortSignal.timeout(60_000),
  }).output();
  return new TextDecoder().decode(stderr);
}

// Then a worker's console.log() throws, as the program's own does.
const linux = { ignore: Deno.build.os !== "linux" };

Deno.test("processes: a full disk costs the run nothing", linux, async () => {
  assertEquals(await redirected("processes", "> /dev/full"), "exhausted 5\n");
});

for (const kind of kinds) {
  Deno.test(`${kind}: an output that is closed costs the run nothing`, posix, async () => {
    assertEquals(await redirected(kind, ">&-"), "exhausted 5\n");
  });
}

Deno.test("processes: endless output takes no memory of the program", async () => {
  const child = fixtureCommand("prints_for_ever.ts", ["--allow-all"]).spawn();
  const drained = child.stdout.pipeTo(new WritableStream());
  const { most, code } = JSON.parse(await new Response(child.stderr).text());
  await drained;
  assertEquals([code, (await child.status).code], ["exhausted", 0]);
  assertLess(most, 256 * 2 ** 20);
});

Deno.test("processes: endless output without a reader meets its limit", async () => {
  const child = fixtureCommand("prints_for_ever.ts", ["--allow-all"]).spawn();
  const { most, code } = JSON.parse(await new Response(child.stderr).text());
  await child.stdout.cancel();
  assertEquals(code, "exhausted");
  assertLess(most, 256 * 2 ** 20);
  assert((await child.status).success);
});
