/** The calls that one session has: packs them, and keeps track of them until they have ended. @module */

import { sendChecked } from "../../_wire/channel_messages.ts";
import { fromErrorRecord } from "../../_wire/error_revival.ts";
import { argumentError, unreadableResultError } from "../../../scheduling/_base/uncloneable.ts";
import { RefusedError } from "../../../scheduling/_base/medium.ts";
import { now } from "../../../scheduling/_base/time.ts";
import { PROCESSES } from "../../../scheduling/_base/v8_values.ts";
import type { MessageFromCall, MessageToCall } from "../../../scheduling/channel.ts";
import type { Call, OutputListener } from "../../../scheduling/executor.ts";
import type { FunctionTable, NumberedFunction } from "../../_calls/function_table.ts";
import type {
  Command,
  LogEvent,
  PackedCall,
  PackedOutcome,
  SharedArgument,
} from "../_wire/messages.ts";
import { pack, packList, unpack } from "../_wire/packed.ts";
import type { RemoteClock } from "./remote_clock.ts";
import type { StoredValues } from "./stored_values.ts";

/** A call that was sent to a session. */
export interface SentCall {
  readonly id: number;
  readonly call: Call;
  readonly fn: NumberedFunction;
  readonly shared: readonly SharedArgument[];
  readonly sentAt: number;
  /** How long it will take, as far as was known when it was sent, in milliseconds. */
  readonly expectedMs: number;
  /** The number of the batch in which it was sent; 0 before. */
  batch: number;
  /** The worker has said that it begins. */
  isClaimed: boolean;
  startedAt: number | undefined;
  /** The number of the worker that runs it. */
  worker: number | undefined;
}

/** What the calls of a session need of it. */
export interface SentCallsRoute {
  readonly functions: FunctionTable;
  readonly values: StoredValues;
  readonly clock: RemoteClock;
  send(command: Command): void;
  /** The number, in the statistics, of a worker of the session. */
  numberOf(slot: number): number;
  /** A new number for a call that is sent. */
  nextId(): number;
  /** The worker with this number has run a call to its end. */
  ended(worker: number): void;
  /** A call is no longer in the session. */
  left(): void;
}

const MAX_BATCH = 256;
// Stands for unknown times, which JSON could not express as Infinity.
const LONG_MS = 1e9;

type EventOf<T extends LogEvent["type"]> = Extract<LogEvent, { readonly type: T }>;

interface Observed {
  readonly fn: NumberedFunction;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** The calls of one session. */
export class SentCalls {
  readonly #route: SentCallsRoute;
  readonly #byId = new Map<number, SentCall>();
  readonly #byCall = new Map<Call, SentCall>();
  // Those that have not begun.
  readonly #batches = new Map<number, Set<SentCall>>();
  readonly #functionIds = new Set<number>();
  // The call of each worker that has ended last.
  readonly #lastEnded = new Map<number, Observed>();
  #batchCount = 0;
  #packed: PackedCall[] = [];
  // How long its calls will take one after the other, as far as is known.
  #expectedMs = 0;

  constructor(route: SentCallsRoute) {
    this.#route = route;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** How long its calls will take one after the other, as far as is known, in milliseconds. */
  get expectedMs(): number {
    return this.#expectedMs;
  }

  /** All calls, in the order in which they were sent. */
  [Symbol.iterator](): IterableIterator<SentCall> {
    return this.#byId.values();
  }

  of(call: Call): SentCall | undefined {
    return this.#byCall.get(call);
  }

  /** Adds a call to those that are sent together with the next `flush()`. One that cannot cross fails. */
  add(call: Call): void {
    const packed = this.#pack(call);
    if (packed !== undefined && this.#packed.push(packed) === MAX_BATCH) this.flush();
  }

  /** Sends the calls that were added: they begin together. */
  flush(): void {
    // A callback may have cancelled a call since it was added.
    const calls = this.#packed.filter(({ id }) => this.#byId.has(id));
    this.#packed = [];
    if (calls.length === 0) return;
    const batch = ++this.#batchCount;
    const sent = calls.flatMap(({ id }) => this.#byId.get(id) ?? []);
    this.#batches.set(batch, new Set(sent));
    for (const each of sent) each.batch = batch;
    const expectedMs = sent.reduce((sum, { fn }) => sum + (fn.time ?? Infinity), 0);
    this.#route.send({ type: "calls", batch, calls, expectedMs: Math.min(expectedMs, LONG_MS) });
  }

  /** Makes the worker skip or end a call, which is settled. */
  cancel(sent: SentCall): void {
    this.#remove(sent);
    this.#route.send({ type: "cancel", call: sent.id });
  }

  /** Removes calls that another worker is to get, or nobody. */
  take(ids: Iterable<number>): SentCall[] {
    const taken: SentCall[] = [];
    for (const id of ids) {
      const sent = this.#byId.get(id);
      if (sent === undefined) continue;
      this.#remove(sent);
      taken.push(sent);
    }
    return taken;
  }

  /** The worker has begun a batch. */
  claimed({ batch }: EventOf<"claimed">): void {
    for (const sent of this.#batches.get(batch) ?? []) sent.isClaimed = true;
    this.#batches.delete(batch);
  }

  started({ call: id, at, slot }: EventOf<"started">): void {
    const sent = this.#byId.get(id);
    if (sent === undefined) return;
    this.#noteStart(sent, at, slot);
    const { call } = sent;
    call.started(sent.startedAt, sent.worker);
    call.channel?.open((message) => this.#sendMessage(sent, message));
  }

  ended(event: EventOf<"ended">): void {
    const { call: id, outcome, startedAt, slot } = event;
    const sent = this.#byId.get(id);
    if (sent === undefined) return;
    this.#observe(sent.fn, event);
    if (startedAt !== undefined && sent.startedAt === undefined) {
      this.#noteStart(sent, startedAt, slot);
    }
    this.#remove(sent);
    const { call, worker } = sent;
    if (worker !== undefined) this.#route.ended(worker);
    if (sent.startedAt !== undefined) call.started(sent.startedAt, worker);
    settle(call, outcome);
  }

  receive({ call: id, message }: EventOf<"comm">): void {
    this.#byId.get(id)?.call.channel?.receive(unpack(message) as MessageFromCall);
  }

  print({ call: id, text, stream }: EventOf<"output">, listener: OutputListener | undefined): void {
    listener?.(text, stream, id === undefined ? undefined : this.#byId.get(id)?.call);
  }

  #pack(call: Call): PackedCall | undefined {
    try {
      const fn = this.#route.functions.lookUp(call.function);
      const { args, shared } = this.#route.values.split(call);
      const packed = packList(args);
      this.#ensureFunction(fn);
      return {
        id: this.#note(call, fn, shared).id,
        name: call.name,
        functionId: fn.id,
        args: packed,
        ...(shared.length > 0 ? { shared } : {}),
        ...(Object.keys(call.limits).length > 0 ? { limits: call.limits } : {}),
        ...(call.channel !== undefined ? { hasChannel: true } : {}),
      };
    } catch (error) {
      call.fail(isTooLarge(error) ? tooLarge(call, error) : argumentError(call, error));
      return undefined;
    }
  }

  #ensureFunction({ id, source }: NumberedFunction): void {
    if (this.#functionIds.has(id)) return;
    this.#functionIds.add(id);
    this.#route.send({ type: "function", id, source });
  }

  #note(call: Call, fn: NumberedFunction, shared: readonly SharedArgument[]): SentCall {
    const sent: SentCall = {
      id: this.#route.nextId(),
      call,
      fn,
      shared,
      sentAt: now(),
      expectedMs: fn.time ?? 0,
      batch: 0,
      isClaimed: false,
      startedAt: undefined,
      worker: undefined,
    };
    this.#route.values.use(shared);
    this.#byId.set(sent.id, sent);
    this.#byCall.set(call, sent);
    this.#expectedMs += sent.expectedMs;
    return sent;
  }

  // The end of a short call is reported late, but it was over when the next one of its worker started.
  #observe(fn: NumberedFunction, { slot, startedAt, endedAt }: EventOf<"ended">): void {
    if (startedAt === undefined) return;
    const previous = this.#lastEnded.get(slot);
    previous?.fn.observe(Math.max(0, Math.min(previous.endedAt, startedAt) - previous.startedAt));
    this.#lastEnded.set(slot, { fn, startedAt, endedAt });
  }

  #remove(sent: SentCall): void {
    if (!this.#byId.delete(sent.id)) return;
    this.#byCall.delete(sent.call);
    this.#leaveBatch(sent);
    // The sum is not exact.
    this.#expectedMs = this.#byId.size === 0 ? 0 : this.#expectedMs - sent.expectedMs;
    this.#route.values.unuse(sent.shared);
    this.#route.left();
  }

  // A batch whose calls are all cancelled or taken back is never begun.
  #leaveBatch(sent: SentCall): void {
    const batch = this.#batches.get(sent.batch);
    if (batch?.delete(sent) && batch.size === 0) this.#batches.delete(sent.batch);
  }

  #noteStart(sent: SentCall, at: number, slot: number): void {
    sent.startedAt = this.#route.clock.toLocal(at, sent.sentAt, now());
    sent.worker = this.#route.numberOf(slot);
  }

  #sendMessage({ id }: SentCall, message: MessageToCall): void {
    if (!this.#byId.has(id)) return;
    sendChecked(message, PROCESSES, () => {
      this.#route.send({ type: "comm", call: id, message: pack(message) });
    });
  }
}

// Another version of the engine may have written what this one cannot read.
function settle(call: Call, outcome: PackedOutcome): void {
  let settled: unknown;
  try {
    settled = outcome.ok ? unpack(outcome.value) : fromErrorRecord(outcome.error);
  } catch (cause) {
    return call.fail(unreadableResultError(call.name, cause));
  }
  if (outcome.ok) call.succeed(settled);
  else call.fail(settled);
}

function isTooLarge(error: unknown): error is RangeError {
  return error instanceof RangeError && !(error instanceof RefusedError);
}

function tooLarge({ name }: Call, cause: RangeError): RangeError {
  return new RangeError(`The arguments of ${name} cannot be sent: ${cause.message}`, { cause });
}
