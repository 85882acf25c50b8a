/** The messages between pool and worker. @module */

import type { OutputStream } from "../../scheduling/_base/printer.ts";
import type { MessageFromCall, MessageToCall } from "../../scheduling/channel.ts";
import type { FunctionSource } from "../../scheduling/function.ts";
import type { CallLimits } from "../../scheduling/limits.ts";
import type { ErrorRecord } from "./error_record.ts";

/** How many calls a batch may have. */
export const MAX_BATCH_SIZE = 256;

/** The places in the file of a process. */
export const FILE_PLACES: {
  batch(index: number): number;
  readonly abort: number;
} = {
  /** What is known of a batch. */
  batch: (index) => index * 2 ** 13,
  /** The channel that was aborted last, the length of the reason, and the reason. */
  abort: 2 ** 14,
};

/** How many bytes the file has at the beginning. */
export const FILE_BYTES: number = FILE_PLACES.abort + 8;

/** The initializer on its way to a worker. */
export interface InitializeMessage {
  /** The number of the function in its executor. */
  readonly functionId: number;
}

/** What a worker needs to know of the channel of a call. */
export interface ChannelStart {
  /** Its number, which all its messages carry. No two channels of a worker have the same. */
  readonly number: number;
  /** What it shares with the pool, if memory can be shared. */
  readonly memory?: SharedArrayBuffer | undefined;
  /** Whether a file tells the process of an abort. */
  readonly hasAbortFile?: boolean | undefined;
}

/** The index of an argument that is a shared value, and the number of that value. */
export type SharedPlace = readonly [argument: number, valueId: number];

/** Calls on their way to a worker. */
export interface BatchMessage {
  /** The place of the batch among those in flight. */
  readonly batch: number;
  /** How many calls there are. */
  readonly count: number;
  /** Whether the worker reports the start of a call. */
  readonly reportsStart: boolean;
  /** The function of each call, or of all; `NO_FUNCTION` for a call that the worker skips. */
  readonly functionIds: Column<number>;
  /** How many of `args` each call takes, or all; `SEPARATE_MESSAGE` if they come separately. */
  readonly counts: Column<number>;
  /** The arguments of all calls in a row. */
  readonly args: readonly unknown[];
  /** How many calls have their arguments in a separate message. */
  readonly messages: number;
  /** The places of shared values among the arguments of a call, by its index. */
  readonly places?: ReadonlyMap<number, readonly SharedPlace[]>;
  /** The channel of the call, if it has one. Such a call is the only one of its batch. */
  readonly channel?: ChannelStart | undefined;
  /** The limits of the call, if it has any. Such a call is the only one of its batch. */
  readonly limits?: CallLimits | undefined;
}

/** A value for each call of a batch, or one for all. */
export type Column<T> = T | readonly T[];

/**
 * The arguments of the call come in a separate message. In one message, an object that two calls share
 * would be one object in the worker as well.
 */
export const SEPARATE_MESSAGE = -1;

/** The function number of a call that could not be sent, which the worker skips. */
export const NO_FUNCTION = 0;

/** Nothing, or an answer made by the pool: the message could not be sent. */
export type BatchAck = { readonly unsent: unknown } | undefined;

/** The outcome of a call. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: ErrorRecord }
  /** The arguments could not be sent, or the worker could not read them. */
  | { readonly ok: false; readonly unsent: unknown }
  /** Made by the pool: the message with the outcome could not be read. */
  | { readonly ok: false; readonly unreadable: unknown };

/** A call of a batch in flight. */
export interface CallPlace {
  readonly batch: number;
  readonly index: number;
}

/** What a worker that shares no memory reports of a batch. */
export interface ProgressReport {
  /** The call that ended last. Without `kept`, its outcome was sent before. */
  readonly ended: {
    readonly kept: { readonly value: unknown } | undefined;
    readonly at: number;
  } | undefined;
  /** When the next call starts, in milliseconds since the epoch. */
  readonly begunAt: number | undefined;
}

/** The methods of a worker, called through a comlink proxy. */
export interface WorkerApi {
  /** Runs a function before any call; its result stays in the worker. */
  initialize(message: InitializeMessage): Promise<Outcome>;
  /** Resolves when the worker can start no more calls of the batch. */
  runBatch(message: BatchMessage): Promise<BatchAck>;
}

/** A text that was printed in a worker. */
export interface Printed {
  readonly text: string;
  readonly stream: OutputStream;
  /** The call that was running. */
  readonly during: CallPlace | undefined;
}

/** What a worker needs to pass on what is printed in it. */
export interface OutputStart {
  /** What it shares with the pool, if memory can be shared. */
  readonly memory?: SharedArrayBuffer | undefined;
  /** Takes the texts, which the pool can then read at any time. */
  readonly port?: MessagePort | undefined;
}

/** What connects the batches of a thread to the pool. */
export interface ThreadStart {
  /** The memories of the batches. */
  readonly buffers: readonly SharedArrayBuffer[];
  /** Carries arguments and outcomes that memory cannot hold. */
  readonly port: MessagePort;
}

/** What connects the batches of a process to the pool. */
export interface StreamStart {
  /** Whether a file shows what has begun. */
  readonly hasFile: boolean;
  /** Whether all outcomes are sent in messages, so that they keep the order of the others. */
  readonly sendsAll: boolean;
}

/** An event that a worker reports. */
export type WorkerEvent =
  /** The call whose start is to be reported has started. */
  | { readonly type: "started" }
  /** The worker is ready for calls; it holds the lock of this name while it lives, if there are locks. */
  | { readonly type: "ready"; readonly lifeLock: string | undefined }
  /** An uncaught error has fired, during a call or none. */
  | {
    readonly type: "uncaught-error";
    readonly error: ErrorRecord;
    readonly during: CallPlace | undefined;
  }
  /** The call with the channel of this number has sent a message. */
  | { readonly type: "comm"; readonly channel: number; readonly message: MessageFromCall }
  /** Something was printed: this, or the text of this number, counted from 1, at the port of the output. */
  | { readonly type: "output"; readonly printed: Printed | number }
  /** The outcome of a call, of a worker that shares no memory. */
  | { readonly type: "outcome"; readonly outcome: Outcome }
  /** Calls have ended or begun, of a worker that shares neither memory nor a file. */
  | { readonly type: "progress"; readonly report: ProgressReport }
  /** No more calls of the batches that were sent will be started. */
  | { readonly type: "halted" }
  /** The worker could not read the message of this number, counted from 1. */
  | { readonly type: "unreadable"; readonly message: number }
  /** The worker can take no more calls. */
  | { readonly type: "broken" }
  /** The worker is ending itself. */
  | { readonly type: "exit"; readonly exitCode: number }
  | { readonly type: "close" };

/** A command to a worker that shares no memory. */
export type StreamCommand =
  /** So many frames with arguments follow, which are no messages. */
  | { readonly type: "arguments"; readonly count: number }
  /** No more calls of the batches that were sent are to be started; answered by `halted`. */
  | { readonly type: "halt" };

/** A command to a worker, which sends no answer. */
export type WorkerCommand =
  /** What connects its batches to the pool. */
  | { readonly type: "connect"; readonly start: ThreadStart | StreamStart }
  | StreamCommand
  /** The source of a function. */
  | { readonly type: "function"; readonly id: number; readonly source: FunctionSource }
  /** A shared value. */
  | { readonly type: "value"; readonly id: number; readonly value: object }
  /** The shared value of this number is no longer needed. */
  | { readonly type: "release"; readonly id: number }
  /** A message for the call with the channel of this number. */
  | { readonly type: "comm"; readonly channel: number; readonly message: MessageToCall }
  /** The worker is to pass on what is printed in it. Precedes all calls. */
  | { readonly type: "output"; readonly start: OutputStart }
  /** The worker is to end; its listeners get `grace` milliseconds. */
  | { readonly type: "end"; readonly grace: number };

/** The signals by which a process kills itself at a limit. Nothing else sends them. */
export const LIMIT_SIGNALS = { cpuTime: "SIGVTALRM", memory: "SIGUSR2" } as const;

// Distinguishes these messages from comlink's and from what a task posts.
const KEY = "@amltk/scheduling";

// Kept, because tasks may replace them.
const Box = Set;
const add: (set: Set<unknown>, value: unknown) => void = Function.prototype.call.bind(
  Set.prototype.add,
);

/**
 * Puts a value into a set, as a message for `receiveMessageOnPort()`. That searches every property of a
 * message for ports, even every element of a typed array, but does not look into sets.
 */
export function boxed(value: unknown): ReadonlySet<unknown> {
  const box = new Box<unknown>();
  add(box, value);
  return box;
}

/** The value of such a message. */
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
