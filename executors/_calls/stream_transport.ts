/** Carries batches over a stream of messages. @module */

import { now } from "../../scheduling/_base/time.ts";
import { SentInFile, type SharedBytes } from "../_progress/in_a_file.ts";
import { SentInStream } from "../_progress/in_a_stream.ts";
import type { SentProgress } from "../_progress/progress.ts";
import { encodeFrame } from "../_wire/frames.ts";
import { FILE_PLACES } from "../_wire/protocol.ts";
import { BATCHES, type BatchTransport, type StreamReport } from "./batch_transport.ts";
import type { SendCommand } from "./sent_to_worker.ts";

/** How frames reach a worker. */
export interface FrameRoute {
  /** What the worker reads and writes as well, if there is such a file. */
  readonly file: SharedBytes | undefined;
  /** The number that the next message of comlink gets. */
  nextMessage(): number;
  /** Sends frames that are no messages of comlink. */
  sendFrames(frames: readonly Uint8Array[]): void;
  /** Whether what is printed in the worker is captured. */
  readonly capturesOutput: boolean;
}

/** What has begun is known from a file, or else from messages. */
export class StreamTransport implements BatchTransport {
  readonly corrupted = false;
  readonly progress: readonly SentProgress[];
  readonly #route: FrameRoute;
  readonly #command: SendCommand;
  readonly #streams: readonly SentInStream[];
  #args: Uint8Array[] = [];
  #argsCount = 0;
  #halted: PromiseWithResolvers<void> | undefined;
  #opened = false;
  #closed = false;

  constructor(route: FrameRoute, command: SendCommand) {
    this.#route = route;
    this.#command = command;
    const { file } = route;
    const places = Array.from({ length: BATCHES }, (_, place) => place);
    this.#streams = file === undefined ? places.map(() => new SentInStream()) : [];
    this.progress = file === undefined
      ? this.#streams
      : places.map((place) => new SentInFile(file, FILE_PLACES.batch(place), now));
  }

  open(): void {
    if (this.#opened) return;
    this.#opened = true;
    const { file, capturesOutput } = this.#route;
    this.#command({
      type: "connect",
      start: { hasFile: file !== undefined, sendsAll: capturesOutput },
    });
  }

  // Encoding refuses what cannot cross.
  checkArgs(): void {}

  postArgs(args: readonly unknown[]): void {
    for (const part of encodeFrame(args)) this.#args.push(part);
    this.#argsCount++;
  }

  flush(): void {
    const args = this.#args;
    const count = this.#argsCount;
    if (count === 0) return;
    this.#args = [];
    this.#argsCount = 0;
    this.#command({ type: "arguments", count });
    this.#route.sendFrames(args);
  }

  get nextMessage(): number {
    return this.#route.nextMessage();
  }

  halt(): Promise<void> | undefined {
    if (this.#streams.length === 0 || this.#closed) return undefined;
    if (this.#halted !== undefined) return this.#halted.promise;
    this.#halted = Promise.withResolvers();
    for (const progress of this.#streams) progress.ask();
    this.#command({ type: "halt" });
    return this.#halted.promise;
  }

  receive(progress: SentProgress | undefined, report: StreamReport): void {
    if (report === "halted") this.#noteHalted();
    else if ("ok" in report) progress?.receive(report);
    else if (progress instanceof SentInStream) progress.note(report);
  }

  get isWaiting(): boolean {
    return this.#halted !== undefined;
  }

  stopWaiting(): void {
    this.#halted?.resolve();
  }

  close(): void {
    this.#closed = true;
    this.#endWait();
  }

  #noteHalted(): void {
    for (const progress of this.#streams) progress.noteAnswer();
    this.#endWait();
  }

  #endWait(): void {
    this.#halted?.resolve();
    this.#halted = undefined;
  }
}
