/** A child process as a worker link. @module */

import type { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import { type Duplex, PassThrough, type Readable } from "node:stream";
import { callAfter } from "../scheduling/_time.ts";
import { AnsweringEndpoint } from "./_answering_endpoint.ts";
import type { Endpoint } from "./_comlink.ts";
import { encodeFrame, FrameReader } from "./_frames.ts";
import { forwardLines } from "./_forward_lines.ts";
import { exitEnd, tellNotice } from "./_notices.ts";
import { type Notice, noticeOf } from "./_protocol.ts";
import type { LinkListener, WorkerEnd, WorkerLink } from "./_worker_link.ts";

// The pipe of a process that has ended may be held open by a process that it started.
const PIPE_GRACE_MS = 200;

/** How a child process is started. */
export interface ProcessCommand {
  /** The arguments of `deno` before the program. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A child process that runs `process_worker.ts`. */
export class ProcessLink implements WorkerLink {
  readonly endpoint: Endpoint;
  readonly runaway = false;
  readonly #listener: LinkListener;
  readonly #process: ChildProcess;
  readonly #exited = Promise.withResolvers<void>();
  readonly #stopStartTimer: () => void;
  #told = false;

  constructor(command: ProcessCommand, startTimeout: number, listener: LinkListener) {
    this.#listener = listener;
    const program = import.meta.resolve("./process_worker.ts");
    this.#process = spawn(Deno.execPath(), [...command.args, program], {
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      env: { ...command.env },
    });
    // A process that cannot be started has none, and tells so by an event that somebody must hear.
    const pipe = (this.#process.stdio[3] ?? new PassThrough()) as Duplex;
    this.endpoint = this.#open(pipe);
    forwardLines(this.#process.stdout as Readable, Deno.stdout);
    forwardLines(this.#process.stderr as Readable, Deno.stderr);
    this.#watchExit(pipe);
    // Last, for a process that cannot even be started leaves no timer behind.
    this.#stopStartTimer = callAfter(startTimeout, () => {
      const message = `Its process was not ready within ${startTimeout} ms`;
      this.#end({ reason: "died", message });
    });
  }

  async terminate(): Promise<boolean> {
    this.#told = true;
    this.#stopStartTimer();
    this.#process.kill("SIGKILL");
    await this.#exited.promise;
    return true;
  }

  forget(): void {}

  #open(pipe: Duplex): Endpoint {
    const endpoint = new AnsweringEndpoint((message) => {
      const frame = encodeFrame(message);
      if (!pipe.destroyed) pipe.write(frame);
    });
    const frames = new FrameReader((message) => {
      const notice = noticeOf(message);
      if (notice !== undefined) return this.#receive(notice);
      if (!endpoint.isAnswer(message)) return;
      this.#listener.answered();
      endpoint.receive(message);
    });
    pipe.on("data", (chunk: Buffer) => frames.push(chunk));
    // A process that has ended is told of by its exit.
    pipe.on("error", () => {});
    return endpoint;
  }

  #watchExit(pipe: Duplex): void {
    const closed = new Promise<void>((resolve) => pipe.once("close", resolve));
    this.#process.once("error", (cause) => {
      this.#exited.resolve();
      this.#end({ reason: "died", message: `Its process failed: ${cause.message}`, cause });
    });
    this.#process.once("exit", async (exitCode, signal) => {
      // What it said before it ended may still be on the way.
      const grace = Promise.withResolvers<void>();
      const stopTimer = callAfter(PIPE_GRACE_MS, grace.resolve);
      await Promise.race([closed, grace.promise]);
      stopTimer();
      pipe.destroy();
      this.#exited.resolve();
      this.#end(endOf(exitCode, signal));
    });
  }

  #receive(notice: Notice): void {
    if (notice.type === "ready") this.#stopStartTimer();
    const end = tellNotice(notice, this.#listener, "process");
    if (end !== undefined) this.#end(end);
  }

  #end(end: WorkerEnd): void {
    if (this.#told) return;
    this.#told = true;
    this.#listener.ended(end);
  }
}

/** Never called: keeps the program's module in the module graph, for caches, vendoring and compiling. */
export function processModule(): Promise<unknown> {
  return import("./process_worker.ts");
}

function endOf(exitCode: number | null, signal: string | null): WorkerEnd {
  if (signal !== null) {
    return { reason: "killed", message: `Its process was ended by ${signal}`, signal };
  }
  return exitEnd(exitCode ?? 0, "process");
}
