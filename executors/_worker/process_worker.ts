/**
 * The program that child processes of `ProcessExecutor` run. Programs must not import it.
 *
 * @module
 */

import { readSync, writeSync } from "node:fs";
import process from "node:process";
import { isProxy } from "node:util/types";
import { Deserializer, Serializer } from "node:v8";
import { encodeFrame, FrameReader } from "../_wire/frames.ts";
import { PROCESSES, useEngine } from "../../scheduling/_base/v8_values.ts";
import type { SharedBytes } from "../_progress/in_a_file.ts";
import { MessageListeners } from "../_wire/message_listeners.ts";
import { FILE_PLACES, type StreamStart, wrapMessage } from "../_wire/protocol.ts";
import { Watchdog } from "./watchdog.ts";
import { readPipe } from "./read_pipe.ts";
import { serve } from "./serve.ts";
import { StreamBatches } from "./stream_batches.ts";

// Separate from stdout, so that messages do not mix with the output of tasks.
const OUTPUT = 3;
// A file that the process shares with the pool. Not every process has it.
const FILE = 4;
// The messages of the pool.
const INPUT = 5;
// The exit code after a task has broken the functions that read and write messages: without an exit, the
// pool would wait for an answer forever.
const CORRUPTED = 1;
// The time for closing listeners after the parent has ended. Less than the watchdog grants.
const ORPHAN_GRACE_MS = 400;

const exit = Deno.exit;
// Unlike `Deno.exit()`, it calls the listeners of `process.on("exit")`.
const exitOfNode = process.exit.bind(process);

useEngine({ Serializer, Deserializer, isProxy });

const listeners = new MessageListeners();
const file: SharedBytes = {
  read(into, place) {
    if (readSync(FILE, into, 0, into.length, place) !== into.length) exit(CORRUPTED);
  },
  write(bytes, place) {
    if (writeSync(FILE, bytes, 0, bytes.length, place) !== bytes.length) exit(CORRUPTED);
  },
};
const batches = new StreamBatches({
  report: (event) => send(wrapMessage(event)),
  messages: listeners,
  file,
});
const frames = new FrameReader(batches);

// Writes synchronously, so that no message is lost when the process ends.
function send(message: unknown): void {
  const parts = encodeFrame(message);
  for (let index = 0; index < parts.length; index++) writeAll(parts[index] as Uint8Array);
}

function writeAll(part: Uint8Array): void {
  for (let at = 0; at < part.length;) {
    const written = write(part, at);
    if (!(written > 0)) exit(CORRUPTED);
    at += written;
  }
}

function write(part: Uint8Array, at: number): number {
  try {
    return writeSync(OUTPUT, part, at);
  } catch (error) {
    // The parent has ended, and the end of the pipe handles that.
    return (error as { code?: string }).code === "EPIPE" ? part.length - at : 0;
  }
}

const abortWords = new Uint32Array(2);
const abortBytes = new Uint8Array(abortWords.buffer);

function readAbortFile(channel: number): Uint8Array | undefined {
  file.read(abortBytes, FILE_PLACES.abort);
  const [aborted, length] = abortWords;
  if (aborted !== channel) return undefined;
  const reason = new Uint8Array(length ?? 0);
  file.read(reason, FILE_PLACES.abort + abortBytes.length);
  return reason;
}

readPipe(INPUT, {
  data: (chunk) => reading(() => frames.push(chunk)),
  get room() {
    return frames.room;
  },
  filled: (count) => reading(() => frames.noteFilled(count)),
  // The parent has ended.
  end: endOrphan,
});

function reading(read: () => void): void {
  try {
    read();
  } catch {
    exit(CORRUPTED);
  }
}

const closing = serve({
  addEventListener: listeners.addEventListener.bind(listeners),
  removeEventListener: listeners.removeEventListener.bind(listeners),
  postMessage: send,
}, {
  watchdog: new Watchdog(),
  medium: PROCESSES,
  readAbortFile,
  connect: (start) => batches.connect(start as StreamStart),
  follow: (command) => batches.follow(command),
  exit: () => exitOfNode(0),
});

// A preloaded program must not finish: the main module after it only shows Deno where to look for a
// package.json.
if (!import.meta.main) await new Promise<never>(() => {});

function endOrphan(): void {
  // Registered last, because it also ends this process.
  addEventListener("unload", killGroup);
  closing.end(ORPHAN_GRACE_MS);
}

// Ends the programs that tasks have started, because the parent no longer can.
function killGroup(): void {
  try {
    process.kill(-Deno.pid, "SIGKILL");
  } catch {
    // The process leads no group or may not run every program.
  }
}
