/** What a worker slot needs of its worker, whatever the worker is. @module */

import type { AnsweringEndpoint } from "./answering_endpoint.ts";
import type { CallPlace } from "../_wire/protocol.ts";
import type { WorkerLostReason } from "../../scheduling/errors.ts";
import type { LimitName } from "../../scheduling/limits.ts";

/** How many milliseconds the listeners of an idle worker have, by default, before it ends. */
export const CLOSING_MS = 1000;
/** How many more the worker has to end itself. */
export const EXIT_MS = 500;

/** How a worker ended. */
export interface WorkerEnd {
  readonly reason: WorkerLostReason;
  /** One sentence without a period. */
  readonly message: string;
  readonly exitCode?: number;
  readonly signal?: string;
  readonly cause?: unknown;
  /** The limit of its call by which it was ended. */
  readonly limit?: LimitName;
}

/** Who is told of a worker. */
export interface LinkListener {
  /** It takes calls. */
  ready(): void;
  /** It begins the call that it was sent. */
  started(): void;
  /** Its answer to the call has arrived, and is about to be passed on. */
  answered(): void;
  /** An error in it that nobody caught, during a call or none; it lives on. */
  uncaught(error: unknown, during: CallPlace | undefined): void;
  /** It has ended or is about to; told once, and not after `terminate()`. */
  ended(end: WorkerEnd): void;
}

/** A started worker. */
export interface WorkerLink {
  /** Carries the messages of its comlink proxy. */
  readonly endpoint: AnsweringEndpoint;
  /** Whether memory can be shared with it, and ports sent: it takes batches then. */
  readonly sharesMemory: boolean;
  /**
   * Ends the worker. An `idle` one is asked first, so that it may call the listeners of its tasks.
   *
   * @returns whether it was seen to end within a grace period; undefined where that cannot be seen.
   */
  terminate(idle: boolean): Promise<boolean | undefined>;
  /** Whether it was told to end and still goes on. */
  readonly runaway: boolean;
  /** Stops watching a worker that was told to end. */
  unwatch(): void;
}

/** Starts a worker. */
export type SpawnWorker = (listener: LinkListener) => WorkerLink;
