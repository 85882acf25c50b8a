/** What crosses between the scheduler's side and a worker. @module */

import type { FunctionSource } from "../scheduling/function.ts";
import type { CallLimits } from "../scheduling/limits.ts";
import type { ErrorRecord } from "./_error_record.ts";

/** One call on its way to a worker. */
export interface CallMessage {
  /** The function's number on this executor. */
  readonly functionId: number;
  /** What to make the function from; sent once to each worker. */
  readonly function: FunctionSource | undefined;
  readonly args: readonly unknown[];
  readonly limits: CallLimits;
}

/** What became of a call. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: ErrorRecord }
  /** Made on this side: the message could not be sent. */
  | { readonly ok: false; readonly unsent: unknown };

/** What a worker offers; called through a comlink proxy. */
export interface WorkerApi {
  run(message: CallMessage): Promise<Outcome>;
}

/** What a worker tells without having been asked. */
export type Notice =
  /** It begins the call that it was sent. */
  | { readonly type: "started" }
  /** It takes calls; while it lives it holds the lock of this name, if there are locks. */
  | { readonly type: "ready"; readonly lifeLock: string | undefined }
  /** An error that nobody caught. */
  | { readonly type: "uncaught-error"; readonly error: ErrorRecord }
  /** It is about to end itself. */
  | { readonly type: "exit"; readonly exitCode: number }
  | { readonly type: "close" };

// Told apart from what a task posts itself, and from comlink's messages.
const KEY = "@amltk/scheduling";

/** A notice as a message. */
export function noticeMessage(notice: Notice): unknown {
  return { [KEY]: notice };
}

/** The notice in a message, if it is one. */
export function noticeOf(message: unknown): Notice | undefined {
  if (typeof message !== "object" || message === null) return undefined;
  return (message as { [KEY]?: Notice })[KEY];
}
