/** What crosses between the scheduler's side and a worker. @module */

import type { FunctionSource } from "../scheduling/function.ts";
import type { CallLimits } from "../scheduling/limits.ts";
import type { ErrorRecord } from "./_error_record.ts";
import type { SharedPlace, SharedValueList } from "./_shared_values.ts";

/** One call on its way to a worker. */
export interface CallMessage {
  /** The function's number on this executor. */
  readonly functionId: number;
  /** What to make the function from; sent once to each worker. */
  readonly function: FunctionSource | undefined;
  readonly args: readonly unknown[];
  readonly limits: CallLimits;
  /** Where shared values belong among the arguments. */
  readonly places: readonly SharedPlace[];
  /** The shared values that are sent for the first time, if there are any. */
  readonly values: SharedValueList | undefined;
}

/** Calls on their way to a worker that shares memory with this side. */
export interface BatchMessage {
  /** Which of its lanes the batch uses. */
  readonly lane: number;
  /** How many calls it has. */
  readonly count: number;
  /** The functions that are sent for the first time, if there are any. */
  readonly functions?: readonly (readonly [id: number, source: FunctionSource])[];
  /** The function of each call, or of all. */
  readonly functionIds: Column<number>;
  /** How many of `args` are those of each call, or of all; `IN_A_MESSAGE` for none. */
  readonly counts: Column<number>;
  /** The arguments of all calls in a row. */
  readonly args: readonly unknown[];
  /** Where shared values belong among the arguments of a call, by its index. */
  readonly places?: ReadonlyMap<number, readonly SharedPlace[]>;
  /** The shared values that are sent for the first time, if there are any. */
  readonly values?: SharedValueList | undefined;
  /** With the first batch: the memory of the lanes, and the port for what goes by itself. */
  readonly open?: LaneOpening;
}

/** A value for each call of a batch, or one that holds for all. */
export type Column<T> = T | readonly T[];

/**
 * The arguments of a call come in a message of their own: objects that two calls of a batch share
 * would be one object in the worker, too.
 */
export const IN_A_MESSAGE = -1;

/** Nothing, or made on this side: the message could not be sent. */
export type BatchReceipt = { readonly unsent: unknown } | undefined;

/** What lanes need of the worker's side. */
export interface LaneOpening {
  readonly buffers: readonly SharedArrayBuffer[];
  readonly port: MessagePort;
}

/** What became of a call. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: ErrorRecord }
  /** Made on this side: the message could not be sent. */
  | { readonly ok: false; readonly unsent: unknown };

/** A call that a worker is running: of a batch, or one that came alone. */
export type CallPlace = { readonly lane: number; readonly index: number } | "alone";

/** What a worker offers; called through a comlink proxy. */
export interface WorkerApi {
  run(message: CallMessage): Promise<Outcome>;
  /** Resolves when none of the batch's calls is left to begin. */
  runBatch(message: BatchMessage): Promise<BatchReceipt>;
}

/** What a worker tells without having been asked. */
export type Notice =
  /** It begins the call that it was sent. */
  | { readonly type: "started" }
  /** It takes calls; while it lives it holds the lock of this name, if there are locks. */
  | { readonly type: "ready"; readonly lifeLock: string | undefined }
  /** An error that nobody caught, and the call during which it came up. */
  | {
    readonly type: "uncaught-error";
    readonly error: ErrorRecord;
    readonly during: CallPlace | undefined;
  }
  /** It is about to end itself. */
  | { readonly type: "exit"; readonly exitCode: number }
  | { readonly type: "close" };

/** What a worker is told without being asked for an answer. */
export interface Release {
  readonly type: "release";
  /** The number of the shared value that it lets go of. */
  readonly valueId: number;
}

// Told apart from what a task posts itself, and from comlink's messages.
const KEY = "@amltk/scheduling";

/** A notice as a message. */
export function noticeMessage(notice: Notice | Release): unknown {
  return { [KEY]: notice };
}

/** The notice in a message, if it is one. */
export function noticeOf<N = Notice>(message: unknown): N | undefined {
  if (typeof message !== "object" || message === null) return undefined;
  return (message as { [KEY]?: N })[KEY];
}
