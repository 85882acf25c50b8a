/** A call of another program, as the executor of this one sees it. @module */

import { now } from "../../../scheduling/_base/time.ts";
import type { Channel, MessageFromCall, MessageToCall } from "../../../scheduling/channel.ts";
import { ExecutorBrokenError } from "../../../scheduling/errors.ts";
import type { Call } from "../../../scheduling/executor.ts";
import type { TaskFunction } from "../../../scheduling/function.ts";
import type { CallLimits } from "../../../scheduling/limits.ts";
import type { PackedCall } from "../_wire/messages.ts";
import { unpack } from "../_wire/packed.ts";

const NONE: readonly Transferable[] = [];

/** The outcome of a call. */
export type Ended = { readonly value: unknown } | { readonly error: unknown };

/** Takes what is reported of a call. */
export interface RemoteCallObserver {
  started(call: RemoteCall): void;
  ended(call: RemoteCall, outcome: Ended): void;
  sent(call: RemoteCall, message: MessageFromCall): void;
}

/** One call. */
export class RemoteCall implements Call {
  readonly id: number;
  readonly name: string;
  readonly function: TaskFunction;
  readonly limits: CallLimits;
  readonly transfer: readonly Transferable[] = NONE;
  readonly priority = 0;
  readonly channel: RemoteChannel | undefined;
  /** How long it is expected to take, in milliseconds. */
  readonly expectedMs: number;
  /** Set before the call is submitted. */
  args: readonly unknown[] = [];
  settled = false;
  /** When its function started. */
  startedAt: number | undefined;
  /** The number of the worker that runs it. */
  slot = 1;
  readonly #observer: RemoteCallObserver;

  constructor(
    { id, name, limits = {}, hasChannel = false }: PackedCall,
    fn: TaskFunction,
    expectedMs: number,
    observer: RemoteCallObserver,
  ) {
    this.id = id;
    this.name = name;
    this.function = fn;
    this.limits = limits;
    this.expectedMs = expectedMs;
    this.#observer = observer;
    this.channel = hasChannel
      ? new RemoteChannel((message) => observer.sent(this, message))
      : undefined;
  }

  started(at: number = now(), worker = 1): void {
    if (this.settled || this.startedAt !== undefined) return;
    this.startedAt = at;
    this.slot = worker;
    this.#observer.started(this);
  }

  succeed(value: unknown): void {
    this.#end({ value });
  }

  fail(error: unknown): void {
    this.#end({ error });
  }

  #end(outcome: Ended): void {
    if (this.settled) return;
    this.settled = true;
    this.#observer.ended(this, outcome);
  }
}

/** The error of an executor that could start no worker for a call. */
export function brokenBefore(call: RemoteCall, outcome: Ended): ExecutorBrokenError | undefined {
  if (call.startedAt !== undefined || !("error" in outcome)) return undefined;
  return outcome.error instanceof ExecutorBrokenError ? outcome.error : undefined;
}

/** Passes messages on between a function and its scheduler. */
class RemoteChannel implements Channel {
  readonly receive: (message: MessageFromCall) => void;
  #send: ((message: MessageToCall) => void) | undefined;
  readonly #early: MessageToCall[] = [];

  constructor(receive: (message: MessageFromCall) => void) {
    this.receive = receive;
  }

  open(send: (message: MessageToCall) => void): void {
    this.#send = send;
    for (const message of this.#early.splice(0)) this.send(message);
  }

  /** Passes on a message of the scheduler. */
  send(message: MessageToCall): void {
    if (this.#send === undefined) return void this.#early.push(message);
    try {
      this.#send(message);
    } catch {
      // The data does not cross to this worker, although it has crossed to this program.
    }
  }
}

/** Decodes the arguments of a call; throws a `DataCloneError` if that fails. */
export function readArguments({ name, args }: PackedCall): unknown[] {
  try {
    return unpack(args) as unknown[];
  } catch (cause) {
    const text =
      `${name} cannot be called: its worker cannot read its arguments (${cause}), as happens to ` +
      `values that are nested too deeply`;
    throw new DOMException(text, "DataCloneError");
  }
}
