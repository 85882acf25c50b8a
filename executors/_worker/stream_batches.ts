/** Connects the batches of a worker that shares no memory with the pool. @module */

import { RunInFile, type SharedBytes } from "../_progress/in_a_file.ts";
import { RunInStream } from "../_progress/in_a_stream.ts";
import type { FrameListener } from "../_wire/frames.ts";
import {
  FILE_PLACES,
  type Outcome,
  type StreamCommand,
  type StreamStart,
  type WorkerEvent,
} from "../_wire/protocol.ts";
import type { Arguments, BatchConnection } from "./batch_connection.ts";

// Kept, because tasks may replace it.
const clock = performance.now.bind(performance);
// The batch that the worker runs and a prefetched one.
const PLACES = [0, 1] as const;

/** What batches need of their worker. */
export interface StreamParts {
  /** Sends an event to the pool; throws if its content cannot cross. */
  report(event: WorkerEvent): void;
  /** Takes the messages among the frames. */
  readonly messages: FrameListener;
  /** The file that shows what has begun, if the worker has one. */
  readonly file: SharedBytes;
}

/** Takes the arguments out of a stream of frames, and passes on the messages. */
export class StreamBatches implements BatchConnection, FrameListener {
  readonly #parts: StreamParts;
  #progress: readonly (RunInFile | RunInStream)[] = [];
  // How many of the next frames hold arguments.
  #awaited = 0;
  #arguments: Arguments[] = [];
  #taken = 0;

  constructor(parts: StreamParts) {
    this.#parts = parts;
  }

  /** Begins to serve. */
  connect({ hasFile, sendsAll }: StreamStart): this {
    const { file, report } = this.#parts;
    this.#progress = PLACES.map((place) =>
      hasFile
        ? new RunInFile(file, FILE_PLACES.batch(place), clock, sendsAll)
        : new RunInStream((progress) => report({ type: "progress", report: progress }), sendsAll)
    );
    return this;
  }

  /** Follows a command of the pool. */
  follow(command: StreamCommand): void {
    if (command.type === "arguments") {
      this.#awaited = command.count;
      return;
    }
    for (const progress of this.#progress) if (progress instanceof RunInStream) progress.halt();
    this.#parts.report({ type: "halted" });
  }

  receive(value: unknown): void {
    if (this.#awaited === 0) this.#parts.messages.receive(value);
    else this.#add(value as readonly unknown[]);
  }

  receiveUnreadable(cause: RangeError): void {
    if (this.#awaited === 0) this.#parts.messages.receiveUnreadable(cause);
    else this.#add({ unread: cause });
  }

  progressOf(place: number): RunInFile | RunInStream {
    const progress = this.#progress[place];
    if (progress === undefined) throw new Error(`There is no batch ${place}`);
    return progress;
  }

  // All arguments of a batch precede it.
  prepare(): undefined {}

  nextArguments(): Arguments {
    const next = this.#arguments[this.#taken] ?? [];
    this.#taken++;
    if (this.#taken < this.#arguments.length) return next;
    this.#arguments = [];
    this.#taken = 0;
    return next;
  }

  send(outcome: Outcome): void {
    this.#parts.report({ type: "outcome", outcome });
  }

  #add(args: Arguments): void {
    this.#awaited--;
    this.#arguments[this.#arguments.length] = args;
  }
}
