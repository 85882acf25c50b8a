/** Writes the events of a session into its log. @module */

import { callAfter } from "../../../scheduling/_base/time.ts";
import { encodeItems } from "../_wire/encoding.ts";
import type { LogEvent } from "../_wire/messages.ts";
import { PartWriter } from "../_wire/parts.ts";
import type { SessionLog } from "../_wire/session_log.ts";
import { sizeOf } from "../_wire/packed.ts";

const MAX_EVENTS = 1_024;
const MAX_BYTES = 2 ** 19;
const MAX_UNSENT_BYTES = 2 ** 28;
// The server removes what is older than a day, and without its last message a log is over.
const KEEP_MS = 6 * 3_600_000;

interface Waiting {
  readonly event: LogEvent;
  readonly bytes: number;
  /** Called when the event is stored. */
  readonly stored: (() => void) | undefined;
}

/** What the log needs to know, and what becomes of it. */
export interface LogWriterObserver {
  /** The number of the last part that was received from the scheduler. */
  readonly received: number;
  /** The scheduler has ended the log. */
  refused(): void;
}

/** Writes what has come together as one message, while at most one is on its way. */
export class LogWriter {
  readonly #log: SessionLog;
  readonly #writer: PartWriter;
  readonly #observer: LogWriterObserver;
  #waiting: Waiting[] = [];
  #bytes = 0;
  #writing: Promise<void> | undefined;
  #isClosed = false;
  #stopKeeping = () => {};

  constructor(log: SessionLog, maxPartBytes: number, observer: LogWriterObserver) {
    this.#log = log;
    this.#writer = new PartWriter(maxPartBytes);
    this.#observer = observer;
    this.#keep();
  }

  /** Why the server does not store what is written, if it says so. */
  get trouble(): string | undefined {
    return this.#log.trouble;
  }

  /** Throws if too much of what calls send and print waits, as while the server cannot be reached. */
  checkRoom(name: string): void {
    if (this.#bytes <= MAX_UNSENT_BYTES) return;
    throw new RangeError(
      `${name} sends more than the network takes: ${this.#bytes} bytes wait in its worker`,
    );
  }

  /** Writes an event after those before it; `stored` is called when the server has it. */
  write(event: LogEvent, stored?: () => void): void {
    if (this.#isClosed) return;
    const bytes = sizeOfEvent(event);
    this.#bytes += bytes;
    this.#waiting.push({ event, bytes, stored });
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when all events are stored, or the writer is closed. */
  async flushed(): Promise<void> {
    await this.#writing;
  }

  /** Writes nothing more. */
  close(): void {
    this.#isClosed = true;
    this.#stopKeeping();
    this.#waiting = [];
  }

  async #writeAll(): Promise<void> {
    // What happens in this turn goes together.
    await undefined;
    while (this.#waiting.length > 0) {
      const taken = this.#take();
      if (!await this.#store(taken.map(({ event }) => event))) break;
      for (const { stored } of taken) stored?.();
    }
    this.#writing = undefined;
  }

  #take(): Waiting[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#waiting.length && count < MAX_EVENTS && bytes < MAX_BYTES) {
      bytes += this.#waiting[count++]?.bytes ?? 0;
    }
    this.#bytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  async #store(events: readonly LogEvent[]): Promise<boolean> {
    for (const { bytes } of this.#writer.partsOf(encodeItems(events), this.#observer.received)) {
      const isStored = await this.#log.append(bytes, () => this.#isClosed);
      if (isStored) continue;
      if (!this.#isClosed) this.#observer.refused();
      return false;
    }
    return true;
  }

  // A call may run for days without an event.
  #keep(): void {
    this.#stopKeeping = callAfter(KEEP_MS, () => {
      this.#writing ??= this.#store([]).then(() => this.#writeAll());
      this.#keep();
    });
  }
}

function sizeOfEvent(event: LogEvent): number {
  switch (event.type) {
    case "comm":
      return sizeOf(event.message);
    case "output":
      return event.text.length;
    case "ended":
      return event.outcome.ok ? sizeOf(event.outcome.value) : 0;
    default:
      return 0;
  }
}
