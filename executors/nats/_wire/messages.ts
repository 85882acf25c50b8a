/** What schedulers and remote workers send to each other. @module */

import type { OutputStream } from "../../../scheduling/_base/printer.ts";
import type { MessageFromCall, MessageToCall } from "../../../scheduling/channel.ts";
import type { FunctionSource } from "../../../scheduling/function.ts";
import type { CallLimits, LimitName } from "../../../scheduling/limits.ts";
import type { ErrorRecord } from "../../_wire/error_record.ts";
import type { Packed } from "./packed.ts";

/** Both sides must have the same. */
export const PROTOCOL = 1;

/** A scheduler announces its run to all workers of a queue, as JSON. */
export interface Announcement {
  readonly protocol: number;
  readonly run: string;
  readonly codeVersion?: string;
}

/** What a worker says of itself. */
export interface WorkerDescription {
  /** The same as long as its program runs. */
  readonly worker: string;
  readonly host: string;
  readonly cores: number;
  /** How many calls it runs at a time. */
  readonly slots: number;
  readonly limits: readonly LimitName[];
  readonly deno: string;
  readonly protocol: number;
  readonly codeVersion?: string;
}

/** A worker announces itself, as JSON: to all schedulers, or to the one of a run that it has heard of. */
export interface Hello {
  readonly from: WorkerDescription;
  readonly run?: string;
  /** What the worker calls the time in which it serves the run; none if it does not serve it. */
  readonly session?: string;
}

/** A shared value among the arguments of a call. */
export interface SharedArgument {
  readonly index: number;
  readonly id: number;
  /** In how many parts the stream stores it. */
  readonly parts: number;
}

/** A call on its way to a worker. */
export interface PackedCall {
  readonly id: number;
  /** The name of its task. */
  readonly name: string;
  readonly functionId: number;
  readonly args: Packed;
  readonly shared?: readonly SharedArgument[];
  readonly limits?: CallLimits;
  readonly hasChannel?: boolean;
}

/** What a scheduler tells one session. */
export type Command =
  /** The session begins: its log ends with this sequence number, and it has so many workers. */
  | {
    readonly type: "welcome";
    readonly last: number;
    readonly slots: number;
    readonly capturesOutput: boolean;
    /** For so many seconds the worker keeps the calls of a scheduler that has gone. */
    readonly patience: number;
    /** Runs in each of its workers before any call. */
    readonly initializer?: FunctionSource;
    /** Within how many milliseconds each of its workers must be ready. */
    readonly startTimeout?: number;
  }
  | { readonly type: "function"; readonly id: number; readonly source: FunctionSource }
  /** Calls that begin together: the worker claims all of them at once. */
  | {
    readonly type: "calls";
    readonly batch: number;
    readonly calls: readonly PackedCall[];
    /** How long they are expected to take, one after the other, in milliseconds. */
    readonly expectedMs: number;
  }
  | { readonly type: "cancel"; readonly call: number }
  /** The worker is to return those of the calls that have not begun. */
  | { readonly type: "take-back"; readonly request: number; readonly calls: readonly number[] }
  | { readonly type: "comm"; readonly call: number; readonly message: Packed }
  | { readonly type: "release"; readonly value: number }
  /** The run has ended. */
  | { readonly type: "end" };

/** The message of a channel, whose data is encoded on its own. */
export type ChannelMessage = MessageFromCall | MessageToCall;

/** The outcome of a call. */
export type PackedOutcome =
  | { readonly ok: true; readonly value: Packed }
  | { readonly ok: false; readonly error: ErrorRecord };

/** What a worker writes into the log of its session. */
export type LogEvent =
  /** The calls of the batch begin: no other worker gets them. */
  | { readonly type: "claimed"; readonly batch: number }
  /** A function has started, on the clock of the worker. */
  | { readonly type: "started"; readonly call: number; readonly at: number; readonly slot: number }
  | {
    readonly type: "ended";
    readonly call: number;
    readonly outcome: PackedOutcome;
    /** When the function started and ended, on the clock of the worker. */
    readonly startedAt: number | undefined;
    readonly endedAt: number;
    readonly slot: number;
  }
  /** The answer to `take-back`: these calls have not begun. */
  | { readonly type: "returned"; readonly request: number; readonly calls: readonly number[] }
  | { readonly type: "comm"; readonly call: number; readonly message: Packed }
  | {
    readonly type: "output";
    readonly call: number | undefined;
    readonly text: string;
    readonly stream: OutputStream;
  }
  /** The worker takes no more calls; it returns these, which have not begun. */
  | { readonly type: "leaving"; readonly calls: readonly number[] }
  /** The worker has ended the session. */
  | { readonly type: "left" };

/** How a session answers commands. */
export interface CommandAck {
  /** The number of the last part that it has received. */
  readonly received: number;
  /** The time on the clock of the worker, in milliseconds. */
  readonly clock: number;
  /** Why the server does not store what the session writes, if it says so. */
  readonly trouble?: string;
}
