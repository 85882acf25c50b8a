/** The worker's side of the time in which it serves a run. @module */

import { now, settlesInGrace } from "../../../scheduling/_base/time.ts";
import type { OutputStream } from "../../../scheduling/_base/printer.ts";
import { PROCESSES } from "../../../scheduling/_base/v8_values.ts";
import type { MessageFromCall, MessageToCall } from "../../../scheduling/channel.ts";
import type { ExecutorBrokenError } from "../../../scheduling/errors.ts";
import { sendChecked } from "../../_wire/channel_messages.ts";
import { decodeItems } from "../_wire/encoding.ts";
import type { Command, LogEvent } from "../_wire/messages.ts";
import { pack, unpack } from "../_wire/packed.ts";
import { PartReader } from "../_wire/parts.ts";
import { Backlog } from "./backlog.ts";
import { CallReader } from "./call_reader.ts";
import type { LogWriterObserver } from "./log_writer.ts";
import { type OpenSession, openSession, type OpenSettings, type Welcome } from "./open_session.ts";
import {
  brokenBefore,
  type Ended,
  type RemoteCall,
  type RemoteCallObserver,
} from "./remote_call.ts";
import { packOutcome } from "./pack_outcome.ts";
import type { Slots } from "./slots.ts";
import { StartReports } from "./start_reports.ts";

// A session answers signs of life until its workers have ended, even if they never do.
const MAX_SHUTDOWN_MS = 10_000;

/** What a session takes from its worker. */
export interface RemoteSessionSettings extends OpenSettings {
  readonly slots: Slots;
  readonly acceptsSource: boolean;
  readonly host: string;
  /** No thread or process can be started here. */
  onBroken(error: ExecutorBrokenError): void;
  /** The session has ended; `why` is for the operator of the worker, if it ended in an unusual way. */
  onEnd(why?: string): void;
}

/** One session. */
export class RemoteSession implements RemoteCallObserver, LogWriterObserver {
  readonly #settings: RemoteSessionSettings;
  readonly #reader = new PartReader();
  readonly #calls = new Map<number, RemoteCall>();
  // Those that have begun.
  readonly #begun = new Set<RemoteCall>();
  readonly #callReader: CallReader;
  readonly #backlog: Backlog;
  #open: OpenSession | undefined;
  #state: "open" | "leaving" | "ended" = "open";
  readonly #starts = new StartReports({
    begun: this.#begun,
    progressOf: (call) => this.#open?.executor.progress?.(call),
    writeStart: ({ id, startedAt: at = now(), slot }) =>
      this.#write({ type: "started", call: id, at, slot }),
  });

  constructor(settings: RemoteSessionSettings) {
    this.#settings = settings;
    this.#callReader = new CallReader(settings.acceptsSource);
    this.#backlog = new Backlog(settings.slots, (batch, calls) => this.#claim(batch, calls));
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

  /** For how many seconds it keeps the calls of a scheduler that has gone; 0 before its welcome. */
  get patience(): number {
    return this.#open?.patience ?? 0;
  }

  /** Why the server does not store what the session writes, if it says so. */
  get trouble(): string | undefined {
    return this.#open?.writer.trouble;
  }

  /** The scheduler has ended the log. */
  refused(): void {
    this.abandon("its scheduler has given it up");
  }

  /** Takes no more calls; ends when those that have begun have ended. */
  leave(): void {
    if (this.#state !== "open") return;
    this.#state = "leaving";
    this.#returnAll(this.#backlog.clear());
    this.#endIfDone();
  }

  /** Ends the calls and the workers at once. */
  async abandon(why?: string): Promise<void> {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#starts.close();
    this.#open?.writer.close();
    for (const call of this.#calls.values()) this.#stop(call);
    this.#backlog.clear();
    await settlesInGrace(this.#open?.executor.shutdown() ?? Promise.resolve(), MAX_SHUTDOWN_MS);
    this.#settings.onEnd(why);
  }

  // --- what the scheduler asks for

  #obey(command: Command): unknown {
    switch (command.type) {
      case "welcome":
        return this.#begin(command);
      case "function":
        return this.#learn(command);
      case "calls":
        return this.#take(command);
      case "cancel":
        return this.#cancel(command.call);
      case "take-back":
        return this.#return(command.request, command.calls);
      case "comm":
        return this.#calls.get(command.call)?.channel?.send(
          unpack(command.message) as MessageToCall,
        );
      case "release":
        return this.#open?.values.release(command.value);
      case "end":
        return this.abandon();
    }
  }

  #begin(welcome: Welcome): void {
    const initializer = this.#callReader.readInitializer(welcome.initializer);
    this.#open = openSession(this.#settings, welcome, initializer, this);
    const { executor } = this.#open;
    if (welcome.capturesOutput) {
      executor.captureOutput?.((text, stream, call) => {
        this.#print(call as RemoteCall | undefined, text, stream);
      });
    }
    executor.start?.();
  }

  #learn(command: Command & { readonly type: "function" }): void {
    const fn = this.#callReader.learn(command);
    // Threads with few permissions may have to be started anew for its module.
    this.#open?.executor.check?.(fn);
  }

  #take({ batch, calls: packed, expectedMs }: Command & { readonly type: "calls" }): void {
    const calls: RemoteCall[] = [];
    const pending: Promise<unknown>[] = [];
    for (const each of packed) {
      const call = this.#callReader.make(each, expectedMs / packed.length, this);
      this.#calls.set(call.id, call);
      if (!this.#callReader.read(call, each)) continue;
      calls.push(call);
      const completing = this.#callReader.complete(call, each, this.#open?.values);
      if (completing !== undefined) pending.push(completing);
    }
    if (calls.length === 0) return;
    if (this.#state !== "leaving") return this.#backlog.add(batch, calls, pending);
    this.#returnAll(calls);
    this.#endIfDone();
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
    this.#endIfDone();
  }

  // --- what its calls report

  started(call: RemoteCall): void {
    this.#starts.started(call);
  }

  ended(call: RemoteCall, outcome: Ended): void {
    this.#remove(call);
    const broken = brokenBefore(call, outcome);
    if (broken !== undefined && !this.#open?.hasInitializer) return this.#passBack(call, broken);
    this.#write({
      type: "ended",
      call: call.id,
      outcome: packOutcome(call, outcome, this.#settings.host),
      startedAt: call.startedAt,
      endedAt: now(),
      slot: call.slot,
    });
    this.#endIfDone();
  }

  sent(call: RemoteCall, message: MessageFromCall): void {
    this.#send(call, () =>
      // To a thread, more can cross than over a network.
      sendChecked(message, PROCESSES, () => {
        this.#write({ type: "comm", call: call.id, message: pack(message) });
      }));
  }

  #print(call: RemoteCall | undefined, text: string, stream: OutputStream): void {
    if (call === undefined) return this.#write({ type: "output", call: undefined, text, stream });
    this.#send(call, () => this.#write({ type: "output", call: call.id, text, stream }));
  }

  // A call that sends what cannot cross, or more than the network takes, fails.
  #send(call: RemoteCall, send: () => void): void {
    try {
      send();
      this.#open?.writer.checkRoom(call.name);
    } catch (error) {
      this.#open?.executor.cancel(call);
      call.fail(error);
    }
  }

  // --- inside

  #claim(batch: number, calls: readonly RemoteCall[]): void {
    for (const call of calls) {
      this.#settings.slots.take(call.expectedMs);
      this.#begun.add(call);
    }
    this.#write({ type: "claimed", batch }, () => {
      for (const call of calls) if (!call.settled) this.#open?.executor.submit(call);
      this.#starts.expect();
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

  #write(event: LogEvent, stored?: () => void): void {
    this.#open?.writer.write(event, stored);
  }
}
