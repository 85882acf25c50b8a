/**
 * The program that child processes of the `ProcessExecutor` run. Not for import by programs.
 *
 * @module
 */

import { writeSync } from "node:fs";
import process from "node:process";
import { encodeFrame, FrameReader } from "../_wire/frames.ts";
import { PROCESSES } from "../_wire/v8_values.ts";
import { MessageListeners } from "../_wire/message_listeners.ts";
import { Watchdog } from "./watchdog.ts";
import { readPipe } from "./read_pipe.ts";
import { serve } from "./serve.ts";

// Beside stdin, stdout and stderr, so that what a task prints mixes with nothing.
const PIPE = 3;
// A task has changed what messages are read and written with: who waits for one would wait for ever.
const SPOILT = 1;
// For what its listeners do when the other side has ended: less than the watchdog grants.
const ORPHAN_GRACE_MS = 400;

const exit = Deno.exit;
// Also calls what `process.on("exit")` has registered.
const exitOfNode = process.exit.bind(process);

const listeners = new MessageListeners();
const frames = new FrameReader(listeners);

// Waits until all is written, so that nothing that was said is lost when the process ends.
function send(message: unknown): void {
  const frame = encodeFrame(message);
  for (let at = 0; at < frame.length;) {
    const written = write(frame, at);
    if (!(written > 0)) exit(SPOILT);
    at += written;
  }
}

function write(frame: Uint8Array, at: number): number {
  try {
    return writeSync(PIPE, frame, at);
  } catch (error) {
    // The other side has ended, which the end of the pipe tells, too.
    return (error as { code?: string }).code === "EPIPE" ? frame.length - at : 0;
  }
}

readPipe(PIPE, {
  data(chunk) {
    try {
      frames.push(chunk);
    } catch {
      exit(SPOILT);
    }
  },
  // Without the other side nobody waits for this process.
  end: endOrphan,
});

const closing = serve({
  addEventListener: listeners.addEventListener.bind(listeners),
  removeEventListener: listeners.removeEventListener.bind(listeners),
  postMessage: send,
}, { watchdog: new Watchdog(), medium: PROCESSES, exit: () => exitOfNode(0) });

// Loaded before a main module that only says where Deno looks for a package.json.
if (!import.meta.main) await new Promise<never>(() => {});

function endOrphan(): void {
  // The last of these listeners, because it ends this process, too.
  addEventListener("unload", killGroup);
  closing.end(ORPHAN_GRACE_MS);
}

// The programs that tasks have started and nobody else ends.
function killGroup(): void {
  try {
    process.kill(-Deno.pid, "SIGKILL");
  } catch {
    // It leads no group, or may not run every program.
  }
}
