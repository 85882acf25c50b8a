/** What crosses between the scheduler's side and a worker. @module */

import type { FunctionSource } from "../../scheduling/function.ts";
import type { CallLimits } from "../../scheduling/limits.ts";
import type { ErrorRecord } from "./error_record.ts";

/** One call on its way to a worker. */
export interface CallMessage {
  /** The function's number on this executor. */
  readonly functionId: number;
  readonly args: readonly unknown[];
  readonly limits: CallLimits;
  /** Where shared values belong among the arguments. */
  readonly places: readonly SharedPlace[];
}

/** Which argument of a call is a shared value, and the number of that. */
export type SharedPlace = readonly [argument: number, valueId: number];

/** Calls on their way to a worker that shares memory with this side. */
export interface BatchMessage {
  /** Which of its batch memories the batch uses. */
  readonly memory: number;
  /** Whether the worker reports the start of the first call at once. */
  readonly reportsStart: boolean;
  /** The function of each call, or of all; `NO_FUNCTION` for a call that could not be sent. */
  readonly functionIds: Column<number>;
  /** How many of `args` are those of each call, or of all; `SEPARATE_MESSAGE` for none. */
  readonly counts: Column<number>;
  /** The arguments of all calls in a row. */
  readonly args: readonly unknown[];
  /** How many calls have their arguments in a message of their own. */
  readonly messages: number;
  /** Where shared values belong among the arguments of a call, by its index. */
  readonly places?: ReadonlyMap<number, readonly SharedPlace[]>;
}

/** A value for each call of a batch, or one that holds for all. */
export type Column<T> = T | readonly T[];

/**
 * The arguments of a call come in a message of their own: objects that two calls of a batch share
 * would be one object in the worker, too.
 */
export const SEPARATE_MESSAGE = -1;

/** In place of the number of a function: the worker skips the call. */
export const NO_FUNCTION = 0;

/** Nothing, or made on this side: the message could not be sent. */
export type BatchAck = { readonly unsent: unknown } | undefined;

/** What became of a call. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: ErrorRecord }
  /** The arguments could not be sent, or not be read in the worker. */
  | { readonly ok: false; readonly unsent: unknown }
  /** Made on this side: the message with the result could not be read. */
  | { readonly ok: false; readonly unreadable: unknown };

/** The call that a worker is running: one of a batch, or one that was sent on its own. */
export type CallPlace = { readonly memory: number; readonly index: number } | "single";

/** What a worker offers; called through a comlink proxy. */
export interface WorkerApi {
  /** Runs a function before all calls; its result stays in the worker. */
  initialize(message: CallMessage): Promise<Outcome>;
  run(message: CallMessage): Promise<Outcome>;
  /** Resolves when the worker can start no more calls of the batch. */
  runBatch(message: BatchMessage): Promise<BatchAck>;
}

/** What a worker reports unasked. */
export type WorkerEvent =
  /** The call that was sent on its own starts. */
  | { readonly type: "started" }
  /** It takes calls; while it lives it holds the lock of this name, if there are locks. */
  | { readonly type: "ready"; readonly lifeLock: string | undefined }
  /** An uncaught error, and the call during which it fired. */
  | {
    readonly type: "uncaught-error";
    readonly error: ErrorRecord;
    readonly during: CallPlace | undefined;
  }
  /** It could not read the message of this number, counted from 1. */
  | { readonly type: "unreadable"; readonly message: number }
  /** It can take no more calls. */
  | { readonly type: "broken" }
  /** It is about to end itself. */
  | { readonly type: "exit"; readonly exitCode: number }
  | { readonly type: "close" };

/** What a worker is sent without giving an answer. */
export type WorkerCommand =
  /** The memory of its batches, and the port for arguments and outcomes that memory cannot hold. */
  | {
    readonly type: "batch-memory";
    readonly buffers: readonly SharedArrayBuffer[];
    readonly port: MessagePort;
  }
  /** What to make a function from. */
  | { readonly type: "function"; readonly id: number; readonly source: FunctionSource }
  /** A shared value. */
  | { readonly type: "value"; readonly id: number; readonly value: object }
  /** The shared value of this number is needed no more. */
  | { readonly type: "release"; readonly id: number }
  /** It is to end, and has so many milliseconds for what its listeners do before. */
  | { readonly type: "end"; readonly grace: number };

// Told apart from what a task posts itself, and from comlink's messages.
const KEY = "@amltk/scheduling";

// A task may put its own in place of these.
const Box = Set;
const add: (set: Set<unknown>, value: unknown) => void = Function.prototype.call.bind(
  Set.prototype.add,
);

/**
 * A value as a message for `receiveMessageOnPort()`. That looks for ports in every property of what
 * it receives, every element of a typed array included, but not into a set.
 */
export function boxed(value: unknown): ReadonlySet<unknown> {
  const box = new Box<unknown>();
  add(box, value);
  return box;
}

/** The value in such a message. */
export function unboxed(message: unknown): unknown {
  const [value] = message as ReadonlySet<unknown>;
  return value;
}

/** An event or a command as a message. */
export function wrapMessage(content: WorkerEvent | WorkerCommand): unknown {
  return { [KEY]: content };
}

/** The event in a message of a worker, if it is one. */
export function workerEventOf(message: unknown): WorkerEvent | undefined {
  return contentOf(message) as WorkerEvent | undefined;
}

/** The command in a message to a worker, if it is one. */
export function workerCommandOf(message: unknown): WorkerCommand | undefined {
  return contentOf(message) as WorkerCommand | undefined;
}

function contentOf(message: unknown): unknown {
  if (typeof message !== "object" || message === null) return undefined;
  return (message as { [KEY]?: unknown })[KEY];
}
