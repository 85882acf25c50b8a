/**
 * The program that child processes of the `ProcessExecutor` run. Not for import by programs.
 *
 * @module
 */

import { createReadStream, writeSync } from "node:fs";
import { encodeFrame, FrameReader } from "../_wire/frames.ts";
import { MessageListeners } from "../_wire/message_listeners.ts";
import { Watchdog } from "./watchdog.ts";
import { serve } from "./serve.ts";

// Beside stdin, stdout and stderr, so that what a task prints mixes with nothing.
const PIPE = 3;
// A task has changed what messages are read and written with: who waits for one would wait for ever.
const SPOILT = 1;

const exit = Deno.exit;

const listeners = new MessageListeners();
const frames = new FrameReader((message) => listeners.receive(message));

// Waits until all is written, so that nothing that was said is lost when the process ends.
function send(message: unknown): void {
  const frame = encodeFrame(message);
  for (let at = 0; at < frame.length;) {
    const written = writeSync(PIPE, frame, at);
    if (!(written > 0)) exit(SPOILT);
    at += written;
  }
}

const pipe = createReadStream("", { fd: PIPE, autoClose: false });
pipe.on("data", (chunk) => {
  try {
    frames.push(chunk as Uint8Array);
  } catch {
    exit(SPOILT);
  }
});
// Without the other side nobody waits for this process.
pipe.on("end", () => exit(0));
pipe.on("error", () => exit(0));

serve({
  addEventListener: listeners.addEventListener.bind(listeners),
  removeEventListener: listeners.removeEventListener.bind(listeners),
  postMessage: send,
}, { watchdog: new Watchdog() });
