/** The link to a child process. @module */

import type { Buffer } from "node:buffer";
import type { ChildProcess } from "node:child_process";
import process from "node:process";
import type { Duplex, Readable } from "node:stream";
import { type OutputStream, STDERR, STDOUT } from "../../scheduling/_base/printer.ts";
import { settlesInGrace } from "../../scheduling/_base/time.ts";
import { AnsweringEndpoint } from "./answering_endpoint.ts";
import { encodeFrame, FrameReader, joinFrames, withCopies } from "../_wire/frames.ts";
import { loadEngine } from "../../scheduling/_base/v8_values.ts";
import { FrameWriter } from "./frame_writer.ts";
import type { InheritedFile } from "./inherited_file.ts";
import { Output, type OutputTarget, OutputTexts } from "./output.ts";
import { Pacing } from "./pacing.ts";
import { killGroup, killWithGroup, leadsGroup } from "./process_group.ts";
import { dispatchWorkerEvent, exitEnd } from "./worker_events.ts";
import {
  LIMIT_SIGNALS,
  workerCommandOf,
  type WorkerEvent,
  workerEventOf,
  wrapMessage,
} from "../_wire/protocol.ts";
import {
  CLOSING_MS,
  EXIT_MS,
  type FrameStream,
  type LinkListener,
  type WorkerEnd,
  type WorkerLink,
} from "./worker_link.ts";

const V8_OUT_OF_MEMORY = "SIGTRAP";
const LIMITS = ["cpuTime", "memory"] as const;
// Bounds the wait for the pipes of an ended process: a program that it started may hold them open, or
// its output may have no reader.
const PIPE_GRACE_MS = 250;

/** How a child process is started. */
export interface ProcessCommand {
  /** The arguments of `deno` before the program. */
  readonly args: readonly string[];
  /** A file whose folder Deno searches for the configuration, if no argument names one. */
  readonly lookBeside?: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  /** How many bytes it may allocate; undefined for no cap. */
  readonly memory: number | undefined;
  /** The file that shows what has begun, and which channel was aborted last. `unwatch()` closes it. */
  readonly file?: InheritedFile | undefined;
  /** How many milliseconds its listeners get when it is asked to end. */
  readonly grace?: number;
}

/** A child process that runs `process_worker.ts`. */
export class ProcessLink implements WorkerLink {
  readonly endpoint: AnsweringEndpoint;
  readonly frames: FrameStream;
  readonly runaway = false;
  readonly #listener: LinkListener;
  readonly #memory: number | undefined;
  readonly #grace: number;
  readonly #process: ChildProcess;
  readonly #input: Duplex;
  readonly #writer: FrameWriter;
  readonly #output: readonly Output[];
  readonly #exited = Promise.withResolvers<void>();
  readonly #pacing: Pacing;
  #ended = false;

  constructor(command: ProcessCommand, listener: LinkListener) {
    this.#listener = listener;
    this.#memory = command.memory;
    this.#grace = command.grace ?? CLOSING_MS;
    const { file } = command;
    // Not imported statically, because it takes longer to load than the whole package.
    const { spawn } = process.getBuiltinModule("node:child_process");
    this.#process = spawn(Deno.execPath(), [...command.args, ...programOf(command)], {
      stdio: ["ignore", "pipe", "pipe", "pipe", file?.descriptor ?? "ignore", "pipe"],
      env: { ...command.env },
      detached: leadsGroup(),
    });
    // A process that cannot be started has no pipe; its `error` event, which needs a listener, follows.
    const pipe = (this.#process.stdio[3] ?? nowhere()) as Duplex;
    // Separate, because a write to a process that has ended destroys the stream with what is unread in it.
    const input = this.#input = streamAt(this.#process, 5) ?? nowhere();
    input.on("error", () => {});
    const writer = this.#writer = new FrameWriter(input);
    this.#pacing = new Pacing({ busy: () => pipe.pause(), idle: () => pipe.resume() });
    this.endpoint = this.#open(pipe);
    this.frames = {
      file,
      nextMessage: () => this.endpoint.nextNumber,
      sendFrames: (frames) => writer.write(joinFrames(frames)),
    };
    this.#output = (["stdout", "stderr"] as const).map((stream) =>
      new Output(this.#process[stream] as Readable, this.#targetOf(stream))
    );
    this.#watchExit(pipe);
    // While the process starts: its first message needs it.
    loadEngine();
  }

  async terminate(idle: boolean): Promise<boolean> {
    const asks = idle && !this.#ended;
    this.#ended = true;
    if (!asks || !await this.#endsItself()) killWithGroup(this.#process);
    await this.#exited.promise;
    return true;
  }

  unwatch(): void {
    this.endpoint.close();
    this.frames.file?.close();
  }

  #endsItself(): Promise<boolean> {
    this.endpoint.send(wrapMessage({ type: "end", grace: this.#grace }));
    return settlesInGrace(this.#exited.promise, this.#grace + EXIT_MS);
  }

  #targetOf(stream: OutputStream): OutputTarget {
    if (!this.#listener.capturesOutput) return stream === "stdout" ? STDOUT : STDERR;
    return new OutputTexts((text) =>
      new Promise((resolve) =>
        this.#pacing.paced(() => {
          this.#listener.wrote(text, stream);
          resolve();
        })
      )
    );
  }

  #open(pipe: Duplex): AnsweringEndpoint {
    const endpoint = new AnsweringEndpoint((message) => {
      const parts = encodeFrame(message);
      // Programs may reuse a buffer once `send()` has returned.
      const isOfChannel = workerCommandOf(message)?.type === "comm";
      this.#writer.write(isOfChannel ? withCopies(parts) : parts);
    }, (messageNumber) => this.#listener.answered(messageNumber));
    const receive = (message: unknown) => {
      const event = workerEventOf(message);
      if (event?.type === "comm" || event?.type === "output") {
        this.#pacing.paced(() => this.#receive(event));
      } else if (event !== undefined) this.#pacing.inOrder(() => this.#receive(event));
      else this.#pacing.inOrder(() => endpoint.takeAnswer(message));
    };
    const receiveUnreadable = (cause: unknown) =>
      this.#pacing.inOrder(() => this.#listener.reported({ ok: false, unreadable: cause }));
    const frames = new FrameReader({ receive, receiveUnreadable }, this.#longestMessage);
    pipe.on("data", (chunk: Buffer) => {
      try {
        frames.push(chunk);
      } catch (cause) {
        this.#breakOff(pipe, cause);
      }
    });
    // Ignored, because the exit of the process is reported anyway.
    pipe.on("error", () => {});
    return endpoint;
  }

  // A task may write anything to the pipe.
  #breakOff(pipe: Duplex, cause: unknown): void {
    pipe.destroy();
    this.#input.destroy();
    killWithGroup(this.#process);
    const message = "What its process sent cannot be read";
    this.#pacing.inOrder(() => this.#end({ reason: "died", message, cause, isUnreadable: true }));
  }

  // Twice, because a process may reuse the memory that it had before the cap.
  get #longestMessage(): number {
    return this.#memory === undefined ? Infinity : 2 * this.#memory;
  }

  #watchExit(pipe: Duplex): void {
    // Reads this pipe to its end, because Deno keeps one in memory that is destroyed before. What a task writes
    // there is dropped.
    this.#input.resume();
    const closed = [pipe, this.#input].map((each) =>
      new Promise<void>((resolve) => each.once("close", () => this.#pacing.inOrder(resolve)))
    );
    const passedOn = this.#output.map((output) => output.finished);
    this.#process.once("error", (cause) => {
      this.#exited.resolve();
      this.#end({ reason: "died", message: `Its process failed: ${cause.message}`, cause });
    });
    this.#process.once("exit", async (exitCode, signal) => {
      killGroup(this.#process.pid);
      for (const output of this.#output) output.end();
      // Its last messages may still be in transit.
      await this.#untilRead(Promise.all([...closed, ...passedOn]));
      pipe.destroy();
      this.#input.destroy();
      this.#exited.resolve();
      this.#end(endOf(exitCode, signal));
    });
  }

  // As long as messages are handled, because the callbacks of each may take long.
  async #untilRead(closed: Promise<unknown>): Promise<void> {
    for (let before = -1; before < this.#pacing.handledCount;) {
      before = this.#pacing.handledCount;
      if (await settlesInGrace(closed, PIPE_GRACE_MS)) return;
    }
  }

  #receive(event: WorkerEvent): void {
    if (event.type === "ready" && this.#memory !== undefined) {
      return void this.#capMemory(this.#memory);
    }
    const end = dispatchWorkerEvent(event, {
      listener: this.#listener,
      endpoint: this.endpoint,
      what: "process",
    });
    if (end !== undefined) this.#end(end);
  }

  // The process counts as ready only once it is capped.
  async #capMemory(bytes: number): Promise<void> {
    try {
      const { capMemory } = await import("./memory_cap.ts");
      await capMemory(this.#process.pid ?? 0, bytes);
      this.#listener.ready();
    } catch (cause) {
      const message = `The memory of its process cannot be capped: ${(cause as Error).message}`;
      this.#end({ reason: "died", message, cause });
    }
  }

  #end(end: WorkerEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#listener.ended(end);
  }
}

/** Never called: puts the program's module into the module graph for caches, vendoring and compiling. */
export function processModule(): Promise<unknown> {
  return import("../_worker/process_worker.ts");
}

// Deno searches the folder of the main module. It never reads that module itself, because the preloaded
// program does not finish loading.
function programOf({ lookBeside }: ProcessCommand): string[] {
  const program = import.meta.resolve("../_worker/process_worker.ts");
  return lookBeside === undefined ? [program] : [`--preload=${program}`, lookBeside];
}

// The types know five streams.
function streamAt({ stdio }: ChildProcess, descriptor: number): Duplex | undefined {
  return (stdio as readonly unknown[])[descriptor] as Duplex | undefined;
}

function nowhere(): Duplex {
  const { PassThrough } = process.getBuiltinModule("node:stream");
  return new PassThrough();
}

function endOf(exitCode: number | null, signal: string | null): WorkerEnd {
  if (signal === null) return exitEnd(exitCode ?? 0, "process");
  const why = signal === V8_OUT_OF_MEMORY ? ", as happens when it is out of memory" : "";
  const message = `Its process was ended by ${signal}${why}`;
  const limit = LIMITS.find((name) => LIMIT_SIGNALS[name] === signal);
  return { reason: "killed", message, signal, ...(limit === undefined ? {} : { limit }) };
}
