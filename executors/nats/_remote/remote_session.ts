/** The worker's side of the time in which it serves a run. @module */

import { callAfter, now } from "../../../scheduling/_base/time.ts";
import { PROCESSES } from "../../../scheduling/_base/v8_values.ts";
import { resultError } from "../../../scheduling/_base/uncloneable.ts";
import type { MessageFromCall, MessageToCall } from "../../../scheduling/channel.ts";
import { ExecutorBrokenError, ModuleLoadError } from "../../../scheduling/errors.ts";
import type { Executor } from "../../../scheduling/executor.ts";
import { functionOf, functionSource, type TaskFunction } from "../../../scheduling/function.ts";
import { toErrorRecord, toThrownRecord } from "../../_wire/error_record.ts";
import { sendChecked } from "../../_wire/channel_messages.ts";
import { decodeItems } from "../_wire/encoding.ts";
import type { Command, LogEvent, PackedCall, PackedOutcome } from "../_wire/messages.ts";
import { pack, unpack } from "../_wire/packed.ts";
import { PartReader } from "../_wire/parts.ts";
import { SessionLog, type Store } from "../_wire/session_log.ts";
import type { RunSubjects } from "../_wire/subjects.ts";
import { FetchedValues } from "./fetched_values.ts";
import { LogWriter, type LogWriterObserver } from "./log_writer.ts";
import { type Ended, readArguments, RemoteCall, type RemoteCallObserver } from "./remote_call.ts";
import type { Slots } from "./slots.ts";

// Starts that are known late, and those of calls that may end at once, are reported after so long.
const START_REPORT_MS = 20;
// What calls send and print waits in memory while the server cannot be reached.
const MAX_UNSENT_BYTES = 2 ** 28;

/** Makes the workers of a session. */
export type MakeExecutor = (
  slots: number,
  capturesOutput: boolean,
  initializer: TaskFunction | undefined,
) => Executor;

/** What a session takes from its worker. */
export interface RemoteSessionSettings {
  readonly store: Store;
  readonly run: RunSubjects;
  readonly id: string;
  readonly maxPartBytes: number;
  readonly slots: Slots;
  readonly acceptsSource: boolean;
  readonly host: string;
  readonly makeExecutor: MakeExecutor;
  /** No thread or process can be started here. */
  onBroken(error: ExecutorBrokenError): void;
  /** The session has ended; `why` is for the operator of the worker, if it ended in an unusual way. */
  onEnd(why?: string): void;
}

/** Calls that begin together, and whether their shared values are here. */
interface Batch {
  readonly number: number;
  readonly calls: readonly RemoteCall[];
  isReady: boolean;
}

/** What exists once the scheduler has welcomed the worker. */
interface Open {
  readonly executor: Executor;
  readonly writer: LogWriter;
  readonly values: FetchedValues;
  /** What keeps its workers from starting may be the fault of the run. */
  readonly hasInitializer: boolean;
}

/** One session. */
export class RemoteSession implements RemoteCallObserver, LogWriterObserver {
  readonly #settings: RemoteSessionSettings;
  readonly #reader = new PartReader();
  readonly #functions = new Map<number, TaskFunction>();
  readonly #calls = new Map<number, RemoteCall>();
  // Those that have begun.
  readonly #begun = new Set<RemoteCall>();
  // One function, because a set holds it while the session waits.
  readonly #look = () => this.#pump();
  #backlog: Batch[] = [];
  #open: Open | undefined;
  #state: "open" | "leaving" | "ended" = "open";
  #stopReports: (() => void) | undefined;

  constructor(settings: RemoteSessionSettings) {
    this.#settings = settings;
  }

  /** Takes a part of a command. */
  receive(part: Uint8Array): void {
    const read = this.#reader.read(part);
    if (read === undefined) return;
    for (const command of decodeItems(read) as Command[]) this.#obey(command);
  }

  /** The number of the last part that was received. */
  get received(): number {
    return this.#reader.last;
  }

  /** The scheduler has ended the log. */
  refused(): void {
    this.abandon("its scheduler has given it up");
  }

  /** Takes no more calls; ends when those that have begun have ended. */
  leave(): void {
    if (this.#state !== "open") return;
    this.#state = "leaving";
    this.#returnAll(this.#backlog.splice(0).flatMap(({ calls }) => calls));
    this.#endIfDone();
  }

  /** Ends the calls and the workers at once. */
  async abandon(why?: string): Promise<void> {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#stopReports?.();
    this.#open?.writer.close();
    for (const call of this.#calls.values()) this.#stop(call);
    this.#backlog = [];
    await this.#open?.executor.shutdown();
    this.#settings.onEnd(why);
  }

  // --- what the scheduler asks for

  #obey(command: Command): unknown {
    switch (command.type) {
      case "welcome":
        return this.#begin(command);
      case "function":
        return this.#learn(command.id, functionOf(command.source));
      case "calls":
        return this.#take(command);
      case "cancel":
        return this.#cancel(command.call);
      case "take-back":
        return this.#return(command.request, command.calls);
      case "comm":
        return this.#passOn(command.call, unpack(command.message) as MessageToCall);
      case "release":
        return this.#open?.values.release(command.value);
      case "end":
        return this.abandon();
    }
  }

  #begin(
    { last, slots, capturesOutput, initializer }: Command & { readonly type: "welcome" },
  ): void {
    const { store, run, id, maxPartBytes, makeExecutor } = this.#settings;
    const executor = makeExecutor(slots, capturesOutput, initializer && functionOf(initializer));
    const log = new SessionLog(store, run.session(id), last);
    const writer = new LogWriter(log, maxPartBytes, this);
    this.#open = {
      executor,
      writer,
      values: new FetchedValues(store, run, executor),
      hasInitializer: initializer !== undefined,
    };
    if (capturesOutput) {
      executor.captureOutput?.((text, stream, call) => {
        this.#write({ type: "output", call: (call as RemoteCall | undefined)?.id, text, stream });
      });
    }
    executor.start?.();
  }

  #learn(id: number, fn: TaskFunction): void {
    // Threads with few permissions may have to be started anew for its module.
    this.#open?.executor.check?.(fn);
    this.#functions.set(id, fn);
  }

  #take({ batch: number, calls: packed, expectedMs }: Command & { readonly type: "calls" }): void {
    const eachMs = expectedMs / packed.length;
    const calls = packed.flatMap((each) => this.#unpack(each, eachMs) ?? []);
    if (calls.length === 0) return;
    if (this.#state === "leaving") return this.#returnAll(calls);
    const batch: Batch = { number, calls, isReady: true };
    this.#backlog.push(batch);
    const pending = packed.flatMap(({ id, shared = [] }) => this.#complete(id, shared) ?? []);
    if (pending.length === 0) return this.#pump();
    batch.isReady = false;
    Promise.all(pending).then(() => {
      batch.isReady = true;
      this.#pump();
    });
  }

  #unpack(packed: PackedCall, expectedMs: number): RemoteCall | undefined {
    const fn = this.#functions.get(packed.functionId) as TaskFunction;
    const call = new RemoteCall(packed, fn, expectedMs, this);
    this.#calls.set(call.id, call);
    try {
      if (functionSource(fn).kind === "source" && !this.#settings.acceptsSource) {
        throw refusesSource(call.name);
      }
      call.args = readArguments(packed);
    } catch (error) {
      call.fail(error);
      return undefined;
    }
    return call;
  }

  #complete(id: number, shared: Required<PackedCall>["shared"]): Promise<unknown> | undefined {
    const call = this.#calls.get(id);
    if (call === undefined || shared.length === 0) return undefined;
    return this.#open?.values.complete(call.args as unknown[], shared)?.catch((cause) => {
      call.fail(new Error(`A shared value of ${call.name} did not arrive: ${cause}`, { cause }));
    });
  }

  #cancel(id: number): void {
    const call = this.#calls.get(id);
    if (call !== undefined) this.#stop(call);
    this.#endIfDone();
  }

  async #return(request: number, ids: readonly number[]): Promise<void> {
    const calls = ids.flatMap((id) => this.#calls.get(id) ?? []);
    const waiting = calls.filter((call) => !this.#begun.has(call));
    const begun = calls.filter((call) => this.#begun.has(call));
    for (const call of waiting) this.#stop(call);
    const returned = await this.#open?.executor.takeBack?.(begun) ?? [];
    for (const call of returned) this.#stop(call as RemoteCall);
    const all = [...waiting, ...returned].map(({ id }) => id);
    this.#write({ type: "returned", request, calls: all });
  }

  #passOn(id: number, message: MessageToCall): void {
    try {
      this.#calls.get(id)?.channel?.send(message);
    } catch {
      // The data does not cross to this worker, although it has crossed to this program.
    }
  }

  // --- what its calls report

  started(call: RemoteCall): void {
    if (call.channel !== undefined) this.#reportStart(call);
    else this.#reportStartsLater();
  }

  ended(call: RemoteCall, outcome: Ended): void {
    this.#remove(call);
    const broken = this.#brokenBefore(call, outcome);
    if (broken !== undefined) return this.#passBack(call, broken);
    this.#write({
      type: "ended",
      call: call.id,
      outcome: this.#packOutcome(call, outcome),
      startedAt: call.startedAt,
      endedAt: now(),
      slot: call.slot,
    });
    this.#endIfDone();
  }

  sent(call: RemoteCall, message: MessageFromCall): void {
    try {
      // To a thread, more can cross than over a network.
      sendChecked(message, PROCESSES, () => {
        this.#write({ type: "comm", call: call.id, message: pack(message) });
      });
      this.#checkUnsent(call);
    } catch (error) {
      this.#open?.executor.cancel(call);
      call.fail(error);
    }
  }

  // --- inside

  #pump(): void {
    const { slots } = this.#settings;
    while (this.#state === "open" && this.#backlog[0]?.isReady) {
      if (!slots.isFree) return slots.wait(this.#look);
      const batch = this.#backlog.shift() as Batch;
      const calls = batch.calls.filter(({ settled }) => !settled);
      if (calls.length > 0) this.#claim(batch.number, calls);
    }
  }

  #claim(batch: number, calls: readonly RemoteCall[]): void {
    for (const call of calls) {
      this.#settings.slots.take(call.expectedMs);
      this.#begun.add(call);
    }
    this.#write({ type: "claimed", batch }, () => {
      for (const call of calls) if (!call.settled) this.#open?.executor.submit(call);
      this.#reportStartsLater();
    });
  }

  /** Ends a call, if it runs, of which nothing is reported any more. */
  #stop(call: RemoteCall): void {
    if (call.settled) return;
    call.settled = true;
    if (this.#begun.has(call)) this.#open?.executor.cancel(call);
    this.#remove(call);
  }

  #remove(call: RemoteCall): void {
    this.#calls.delete(call.id);
    if (this.#begun.delete(call)) this.#settings.slots.give(call.expectedMs);
  }

  #brokenBefore(call: RemoteCall, outcome: Ended): ExecutorBrokenError | undefined {
    if (call.startedAt !== undefined || this.#open?.hasInitializer) return undefined;
    const error = "error" in outcome ? outcome.error : undefined;
    return error instanceof ExecutorBrokenError ? error : undefined;
  }

  // Another machine may be sound.
  #passBack(call: RemoteCall, broken: ExecutorBrokenError): void {
    this.#write({ type: "leaving", calls: [call.id] });
    this.#settings.onBroken(broken);
    this.#endIfDone();
  }

  #returnAll(calls: readonly RemoteCall[]): void {
    const ids = calls.filter(({ settled }) => !settled).map(({ id }) => id);
    for (const call of calls) this.#stop(call);
    this.#write({ type: "leaving", calls: ids });
  }

  async #endIfDone(): Promise<void> {
    if (this.#state !== "leaving" || this.#calls.size > 0) return;
    this.#write({ type: "left" });
    await this.#open?.writer.flushed();
    await this.abandon();
  }

  #reportStartsLater(): void {
    this.#stopReports ??= callAfter(START_REPORT_MS, () => {
      this.#stopReports = undefined;
      for (const call of this.#begun) this.#noteStart(call);
      const isUnknown = [...this.#begun].some(({ isStartKnown }) => !isStartKnown);
      if (isUnknown && this.#state !== "ended") this.#reportStartsLater();
    });
  }

  // An executor that sends calls in batches learns late of their starts.
  #noteStart(call: RemoteCall): void {
    if (call.isStartKnown) return;
    const progress = this.#open?.executor.progress?.(call);
    if (progress !== undefined && !progress.ended) {
      call.started(progress.startedAt, progress.worker);
    }
    if (call.startedAt !== undefined) this.#reportStart(call);
  }

  #reportStart(call: RemoteCall): void {
    if (call.isStartKnown) return;
    call.isStartKnown = true;
    this.#write({ type: "started", call: call.id, at: call.startedAt ?? now(), slot: call.slot });
  }

  #checkUnsent({ name }: RemoteCall): void {
    if ((this.#open?.writer.unsentBytes ?? 0) <= MAX_UNSENT_BYTES) return;
    throw new RangeError(
      `${name} sends more than the network takes: ${MAX_UNSENT_BYTES} bytes of it wait in its worker`,
    );
  }

  #write(event: LogEvent, stored?: () => void): void {
    this.#open?.writer.write(event, stored);
  }

  #packOutcome({ name, function: fn }: RemoteCall, outcome: Ended): PackedOutcome {
    if ("error" in outcome) {
      return { ok: false, error: toThrownRecord(this.#explained(outcome.error), PROCESSES) };
    }
    try {
      return { ok: true, value: pack(outcome.value) };
    } catch (cause) {
      const error = cause instanceof RangeError
        ? new RangeError(`The result of ${name} cannot be sent: ${cause.message}`)
        : resultError(fn.name || name, outcome.value, cause);
      return { ok: false, error: toErrorRecord(error, PROCESSES) };
    }
  }

  // A file that the user has need not be on this machine.
  #explained(error: unknown): unknown {
    if (!(error instanceof ModuleLoadError) || !error.url.startsWith("file:")) return error;
    const { cause, url, exportName } = error;
    const message =
      `${error.message}\nIt was loaded on ${this.#settings.host}: a file must exist on each ` +
      `machine with workers, at the same path; modules by https:, jsr: and npm: need no copy`;
    return new ModuleLoadError(message, url, exportName, { cause });
  }
}

function refusesSource(name: string): TypeError {
  return new TypeError(
    `${name} crosses as source text, and its worker was started with --functions=modules: put it into a ` +
      `module and use fromModule()`,
  );
}
