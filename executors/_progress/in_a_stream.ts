/**
 * What is known of a batch by messages alone, in the order in which they were sent: a call that the worker
 * starts is announced before. Calls are taken back by a message, which the worker answers when it can.
 *
 * @module
 */

import type { Outcome, ProgressReport } from "../_wire/protocol.ts";
import { kindOf, SENT } from "./kept_values.ts";
import type { RunProgress, SentProgress } from "./progress.ts";

// As the pool asks for the calls behind one that takes longer.
const LATE_MS = 5;

/** The side of the pool. */
export class SentInStream implements SentProgress {
  #end = 0;
  #started = 0;
  #received: Outcome[] = [];
  #outcomes: (Outcome | undefined)[] = [];
  #times: number[] = [];
  #asked = false;

  open(count: number): void {
    this.#end = count;
    this.#started = 0;
    this.#received = [];
    this.#outcomes = [];
    this.#times = [];
    this.#asked = false;
  }

  get started(): number {
    return this.#started;
  }

  get ended(): number {
    return this.#outcomes.length;
  }

  get done(): number {
    return this.#outcomes.length;
  }

  // Without an answer of the worker, it may have started any of them.
  closeClaims(): number {
    return this.#end;
  }

  seal(): void {
    this.#end = this.#started;
  }

  /** Notes that the worker is asked to start no more calls. */
  ask(): void {
    this.#asked = true;
  }

  /** Notes that the worker has answered. */
  noteAnswer(): void {
    if (this.#asked) this.seal();
  }

  receive(outcome: Outcome): void {
    this.#received.push(outcome);
  }

  /** Takes what the worker reports. */
  note({ ended, begunAt }: ProgressReport): void {
    if (ended !== undefined) {
      const { kept, at } = ended;
      // A field without a value may be missing.
      this.#outcomes.push(
        kept === undefined ? this.#received.shift() : { ok: true, value: kept.value },
      );
      this.#times[this.#outcomes.length] = at;
    }
    if (begunAt !== undefined) this.#times[this.#started++] = begunAt;
  }

  outcome(index: number): Outcome | undefined {
    const outcome = this.#outcomes[index];
    // Otherwise an idle worker would keep the results of its last batch here.
    this.#outcomes[index] = undefined;
    return outcome;
  }

  time(index: number): number {
    return this.#times[index] ?? NaN;
  }
}

/** The side of the worker. With `sendsAll`, every outcome is sent in a message of its own. */
export class RunInStream implements RunProgress {
  readonly #report: (report: ProgressReport) => void;
  readonly #sendsAll: boolean;
  #limit = 0;
  #started = 0;
  #done = 0;
  #time = 0;
  #late = false;
  #kept: { readonly value: unknown } | undefined;
  #ended: ProgressReport["ended"];

  constructor(report: (report: ProgressReport) => void, sendsAll: boolean) {
    this.#report = report;
    this.#sendsAll = sendsAll;
  }

  expect(count: number): void {
    this.#limit = count;
    this.#started = 0;
    this.#done = 0;
    this.#late = false;
    this.#ended = undefined;
  }

  /** Starts no more calls of a batch that has arrived. */
  halt(): void {
    this.#limit = this.#started;
  }

  begin(time: number): void {
    this.#time = time;
  }

  get next(): number {
    return this.#started < this.#limit ? this.#started : -1;
  }

  get done(): number {
    return this.#done;
  }

  claim(): number {
    if (this.#started >= this.#limit) return -1;
    this.#report({ ended: this.#ended, begunAt: this.#time });
    this.#ended = undefined;
    return this.#started++;
  }

  get mayBeAsked(): boolean {
    return this.#late;
  }

  skip(): void {
    this.#kept = { value: undefined };
  }

  keep(_index: number, value: unknown): boolean {
    if (this.#sendsAll || kindOf(value) === SENT) return false;
    this.#kept = { value };
    return true;
  }

  markSent(): void {
    this.#kept = undefined;
  }

  end(index: number, time: number): void {
    this.#done = index + 1;
    this.#late = time - this.#time >= LATE_MS;
    this.#time = time;
    this.#ended = { kept: this.#kept, at: time };
  }

  flush(): void {
    if (this.#ended === undefined) return;
    this.#report({ ended: this.#ended, begunAt: undefined });
    this.#ended = undefined;
  }
}
