/**
 * The program that child processes of the `ProcessExecutor` run. Not for import by programs.
 *
 * @module
 */

import { writeSync } from "node:fs";
import { Socket } from "node:net";
import { encodeFrame, FrameReader } from "./_frames.ts";
import { watchParent } from "./_orphan_watchdog.ts";
import { serve } from "./_serve.ts";

// Beside stdin, stdout and stderr, so that what a task prints mixes with nothing.
const PIPE = 3;

type Listener = EventListenerOrEventListenerObject;

const listeners = new Set<Listener>();
const socket = new Socket({ fd: PIPE });
const frames = new FrameReader((data) => {
  const event = new MessageEvent("message", { data });
  for (const listener of listeners) {
    if (typeof listener === "function") listener(event);
    else listener.handleEvent(event);
  }
});

// Without the other side nobody waits for this process.
const exit = Deno.exit;
socket.on("close", () => exit(0));
socket.on("error", () => exit(0));
socket.on("data", (chunk) => frames.push(chunk as Uint8Array));
watchParent();

serve({
  addEventListener: (_type: string, listener: Listener) => void listeners.add(listener),
  removeEventListener: (_type: string, listener: Listener) => void listeners.delete(listener),
  postMessage: (message) => void socket.write(encodeFrame(message)),
  postLast(message) {
    // What waits in the socket would be lost, and must not be cut in two.
    if (socket.writableLength > 0) return;
    try {
      writeSync(PIPE, encodeFrame(message));
    } catch {
      // The exit code tells it too.
    }
  },
}, undefined);
