/** The interface of a worker, be it a thread or a process. @module */

import type { OutputStream } from "../../scheduling/_base/printer.ts";
import type { AnsweringEndpoint } from "./answering_endpoint.ts";
import type { InheritedFile } from "./inherited_file.ts";
import type { CallPlace, Outcome, Printed, ProgressReport } from "../_wire/protocol.ts";
import type { MessageFromCall } from "../../scheduling/channel.ts";
import type { WorkerLostReason } from "../../scheduling/errors.ts";
import type { LimitName } from "../../scheduling/limits.ts";

/** How many milliseconds the listeners of an idle worker get, by default, before it ends. */
export const CLOSING_MS = 1000;
/** How many more the worker gets to exit. */
export const EXIT_MS = 500;

/** How a worker ended. */
export interface WorkerEnd {
  readonly reason: WorkerLostReason;
  /** One sentence without a period. */
  readonly message: string;
  readonly exitCode?: number;
  readonly signal?: string;
  readonly cause?: unknown;
  /** The limit that its call has exceeded, if that ended it. */
  readonly limit?: LimitName;
  /** Whether its last messages cannot be read, so that it may have started calls that it has not reported. */
  readonly isUnreadable?: boolean;
}

/** Receives the events of a worker. */
export interface LinkListener {
  /** The worker is ready for calls. */
  ready(): void;
  /** The worker has started the call that it was sent. */
  started(): void;
  /** The call with the channel of this number has sent a message. */
  message(channel: number, message: MessageFromCall): void;
  /** Whether what is printed in the worker is to be captured. */
  readonly capturesOutput: boolean;
  /** Something was printed: this, or the text of this number, counted from 1, at the port of the output. */
  printed(printed: Printed | number): void;
  /** Something was written to an output of the process: by its own code, or by programs that it started. */
  wrote(text: string, stream: OutputStream): void;
  /** A worker that shares no memory reports on the batch that it runs. */
  reported(report: Outcome | ProgressReport | "halted"): void;
  /** The answer to the message of this number has arrived; comlink resolves its promise right after. */
  answered(messageNumber: number): void;
  /** The worker survived an uncaught error, which fired during a call or none. */
  uncaught(error: unknown, during: CallPlace | undefined): void;
  /** The worker has ended or is ending. Called once at most, and never after `terminate()`. */
  ended(end: WorkerEnd): void;
}

/** How a worker is reached with which no memory can be shared. */
export interface FrameStream {
  /** What the worker reads and writes as well, if there is such a file. */
  readonly file: InheritedFile | undefined;
  /** The number that the next message of comlink gets. */
  nextMessage(): number;
  /** Sends frames that are no messages of comlink. */
  sendFrames(frames: readonly Uint8Array[]): void;
}

/** A started worker. */
export interface WorkerLink {
  /** Carries the messages of its comlink proxy. */
  readonly endpoint: AnsweringEndpoint;
  /** The stream of frames that reaches it; undefined if memory can be shared with it and ports sent. */
  readonly frames: FrameStream | undefined;
  /**
   * Ends the worker. An `idle` one is asked first, so that it can call the listeners of its tasks.
   *
   * @returns whether its exit was observed within a grace period; undefined if it cannot be observed.
   */
  terminate(idle: boolean): Promise<boolean | undefined>;
  /** Whether it was terminated and keeps running. */
  readonly runaway: boolean;
  /** Stops watching a terminated worker. */
  unwatch(): void;
}

/** Starts a worker. */
export type SpawnWorker = (listener: LinkListener) => WorkerLink;
