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
  /** Which of its lanes the batch uses. */
  readonly lane: number;
  /** The function of each call, or of all. */
  readonly functionIds: Column<number>;
  /** How many of `args` are those of each call, or of all; `IN_A_MESSAGE` for none. */
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
export const IN_A_MESSAGE = -1;

/** Nothing, or made on this side: the message could not be sent. */
export type BatchReceipt = { readonly unsent: unknown } | undefined;

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
  /** It cannot take calls any more. */
  | { readonly type: "broken" }
  /** It is about to end itself. */
  | { readonly type: "exit"; readonly exitCode: number }
  | { readonly type: "close" };

/** What a worker is given to keep; it gives no answer. */
export type Delivery =
  /** The memory of its lanes, and the port for what goes by itself. */
  | {
    readonly type: "lanes";
    readonly buffers: readonly SharedArrayBuffer[];
    readonly port: MessagePort;
  }
  /** What to make a function from. */
  | { readonly type: "function"; readonly id: number; readonly source: FunctionSource }
  /** A shared value. */
  | { readonly type: "value"; readonly id: number; readonly value: object }
  /** The shared value of this number is needed no more. */
  | { readonly type: "release"; readonly id: number };

// Told apart from what a task posts itself, and from comlink's messages.
const KEY = "@amltk/scheduling";

// A task may put its own in place of these.
const Enclosure = Set;
const add: (set: Set<unknown>, value: unknown) => void = Function.prototype.call.bind(
  Set.prototype.add,
);

/**
 * A value as a message for `receiveMessageOnPort()`. That looks for ports in every property of what
 * it receives, every element of a typed array included, but not into a set.
 */
export function enclose(value: unknown): ReadonlySet<unknown> {
  const enclosure = new Enclosure<unknown>();
  add(enclosure, value);
  return enclosure;
}

/** The value in such a message. */
export function disclose(message: unknown): unknown {
  const [value] = message as ReadonlySet<unknown>;
  return value;
}

/** A notice or a delivery as a message. */
export function wrapMessage(content: Notice | Delivery): unknown {
  return { [KEY]: content };
}

/** The notice in a message of a worker, if it is one. */
export function noticeOf(message: unknown): Notice | undefined {
  return contentOf(message) as Notice | undefined;
}

/** The delivery in a message to a worker, if it is one. */
export function deliveryOf(message: unknown): Delivery | undefined {
  return contentOf(message) as Delivery | undefined;
}

function contentOf(message: unknown): unknown {
  if (typeof message !== "object" || message === null) return undefined;
  return (message as { [KEY]?: unknown })[KEY];
}
