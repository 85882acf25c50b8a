/** What the workers of a queue do and have done, over all runs. @module */

import type { RemoteProgram, RunningCall, WorkerStatistics } from "../../../scheduling/executor.ts";
import type { WorkerDescription } from "../_wire/messages.ts";
import type { Session } from "./session.ts";

/** The workers of one program. */
interface Row {
  /** The program that has these numbers now. */
  worker: WorkerDescription;
  readonly first: number;
  readonly slots: number;
  session: Session | undefined;
  isRefused: boolean;
  readonly callsDone: number[];
  starts: number;
  losses: number;
}

/** Numbers the workers. Those of a program that has ended give their numbers to others. */
export class WorkerTable {
  readonly #rows: Row[] = [];
  #count = 0;

  /** A session begins; returns the number of its first worker. */
  open(worker: WorkerDescription, slots: number): number {
    const row = this.#rowFor(worker, slots);
    row.worker = worker;
    row.isRefused = false;
    row.starts++;
    return row.first;
  }

  /** The workers of a session that has begun. */
  began(session: Session): void {
    const row = this.#rows.find(({ first }) => first === session.firstNumber);
    if (row !== undefined) row.session = session;
  }

  /** A worker that gets no calls. */
  refuse(worker: WorkerDescription): void {
    const row = this.#rowFor(worker, worker.slots);
    row.worker = worker;
    row.isRefused = true;
  }

  /** A worker has run a call to its end. */
  noteDone(session: Session, number: number): void {
    const row = this.#rowOf(session);
    if (row !== undefined) {
      row.callsDone[number - row.first] = (row.callsDone[number - row.first] ?? 0) + 1;
    }
  }

  /** A session has ended. */
  close(session: Session, isLost: boolean): void {
    const row = this.#rowOf(session);
    if (row === undefined) return;
    row.session = undefined;
    if (isLost) row.losses++;
  }

  /** Workers of this program that get no calls are no longer of interest. */
  forgetRefused(): void {
    for (const row of this.#rows) row.isRefused = false;
  }

  statistics(): WorkerStatistics[] {
    return this.#rows.flatMap((row) => recordsOf(row));
  }

  #rowOf(session: Session): Row | undefined {
    return this.#rows.find((row) => row.session === session);
  }

  #rowFor(worker: WorkerDescription, slots: number): Row {
    const isFree = (row: Row) => row.session === undefined && row.slots === slots;
    const row = this.#rows.find((row) => isFree(row) && row.worker.worker === worker.worker) ??
      this.#rows.find((row) => isFree(row) && !row.isRefused);
    return row ?? this.#add(worker, slots);
  }

  #add(worker: WorkerDescription, slots: number): Row {
    const row: Row = {
      worker,
      first: this.#count + 1,
      slots,
      session: undefined,
      isRefused: false,
      callsDone: [],
      starts: 0,
      losses: 0,
    };
    this.#count += slots;
    this.#rows.push(row);
    return row;
  }
}

function recordsOf(row: Row): WorkerStatistics[] {
  const running = runningCalls(row.session);
  const { host, cores, deno, codeVersion } = row.worker;
  const remote: RemoteProgram = { host, cores, deno, codeVersion };
  return Array.from({ length: row.slots }, (_, slot): WorkerStatistics => {
    const number = row.first + slot;
    const call = running.get(number);
    const rest = row.session === undefined ? "ended" : call === undefined ? "idle" : "busy";
    return {
      number,
      state: row.isRefused ? "refused" : rest,
      call,
      callsDone: row.callsDone[slot] ?? 0,
      starts: row.starts,
      losses: row.losses,
      remote,
    };
  });
}

function runningCalls(session: Session | undefined): Map<number, RunningCall> {
  const running = new Map<number, RunningCall>();
  for (const { call, worker, startedAt } of session?.calls ?? []) {
    if (worker === undefined || startedAt === undefined) continue;
    running.set(worker, { task: call.name, future: call.id, startedAt });
  }
  return running;
}
