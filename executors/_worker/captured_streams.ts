/** Replaces what prints in a worker: `console`, `Deno.stdout` and `Deno.stderr`. @module */

import type { OutputStream } from "../../scheduling/_base/printer.ts";
import { piecesOf } from "../_wire/pieces.ts";

/** Takes a text that is no longer than a piece. */
export type TakeText = (text: string, stream: OutputStream) => void;

/** The class of `console`, which Deno does not document. It calls `print` with each text. */
type ConsoleClass = new (print: (text: string, level: number) => void) => Console;

// Kept, because tasks may replace them.
const PlatformStream = WritableStream;
// Bytes make at most as many characters.
const PIECE_BYTES = 2 ** 14;
// From this level of the console on, texts go to stderr.
const WARNING = 2;
const ESCAPE = "\u001b";
const COLOURS = new RegExp(`${ESCAPE}\\[[\\d;]*m`, "g");

/** Both streams of a worker. */
export class CapturedStreams {
  readonly #streams: Readonly<Record<OutputStream, CapturedStream>>;

  constructor(take: TakeText) {
    this.#streams = {
      stdout: new CapturedStream((text) => take(text, "stdout")),
      stderr: new CapturedStream((text) => take(text, "stderr")),
    };
  }

  /** Captures everything that is printed from now on. */
  async install(): Promise<void> {
    const { stdout, stderr } = this.#streams;
    replaceWrites(Deno.stdout, stdout);
    replaceWrites(Deno.stderr, stderr);
    const own = consoleOf((text, level) => (level < WARNING ? stdout : stderr).writeText(text)) ??
      await consoleOfNode();
    const names = Object.keys(own) as (keyof Console)[];
    const methods = names.map((name) => [name, Object.getOwnPropertyDescriptor(own, name)]);
    Object.defineProperties(console, Object.fromEntries(methods));
  }

  /** Completes both texts: bytes that begin a character are no part of what is printed next. */
  endText(): void {
    this.#streams.stdout.endText();
    this.#streams.stderr.endText();
  }
}

/** Turns what is written to one stream into texts. */
class CapturedStream {
  readonly #take: (text: string) => void;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #hasBytes = false;

  constructor(take: (text: string) => void) {
    this.#take = take;
  }

  writeText(text: string): void {
    this.endText();
    for (const piece of piecesOf(text)) this.#take(piece);
  }

  writeBytes(bytes: Uint8Array): number {
    this.#hasBytes = true;
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      this.#pass(this.#decoder.decode(bytes.subarray(at, at + PIECE_BYTES), { stream: true }));
    }
    return bytes.length;
  }

  endText(): void {
    if (!this.#hasBytes) return;
    this.#hasBytes = false;
    this.#pass(this.#decoder.decode());
  }

  #pass(text: string): void {
    if (text !== "") this.#take(text);
  }
}

// `process.stdout` and the consoles of Node write to these as well.
function replaceWrites(target: typeof Deno.stdout, stream: CapturedStream): void {
  const writeSync = (bytes: Uint8Array) => stream.writeBytes(bytes);
  let writable: WritableStream<Uint8Array> | undefined;
  Object.defineProperties(target, {
    writeSync: { value: writeSync, configurable: true, writable: true },
    write: {
      value: (bytes: Uint8Array) => new Promise((resolve) => resolve(writeSync(bytes))),
      configurable: true,
      writable: true,
    },
    writable: {
      get: () => writable ??= new PlatformStream({ write: (bytes) => void writeSync(bytes) }),
      configurable: true,
    },
  });
}

// The only way to format texts as `console` does. Undefined where Deno does not have it.
function consoleOf(print: (text: string, level: number) => void): Console | undefined {
  const { internal } = Deno as unknown as { readonly internal: symbol };
  const { Console } = Reflect.get(Deno, internal) as { readonly Console?: ConsoleClass };
  if (Console === undefined) return undefined;
  let probed = "";
  new Console((text) => probed += text).log(0);
  const isColoured = probed.includes(ESCAPE);
  return new Console(isColoured ? (text, level) => print(withoutColours(text), level) : print);
}

async function consoleOfNode(): Promise<Console> {
  const { Console } = await import("node:console");
  const { process } = globalThis as unknown as { process: typeof import("node:process") };
  const { stdout, stderr } = process;
  return new Console({ stdout, stderr, colorMode: false }) as unknown as Console;
}

// Deno colours what it formats when the program prints to a terminal.
function withoutColours(text: string): string {
  return text.replace(COLOURS, "");
}
