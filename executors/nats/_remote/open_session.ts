/** What a session needs once the scheduler has welcomed its worker. @module */

import type { Executor } from "../../../scheduling/executor.ts";
import type { TaskFunction } from "../../../scheduling/function.ts";
import type { Command } from "../_wire/messages.ts";
import { SessionLog, type Store } from "../_wire/session_log.ts";
import type { RunSubjects } from "../_wire/subjects.ts";
import { FetchedValues } from "./fetched_values.ts";
import { LogWriter, type LogWriterObserver } from "./log_writer.ts";

/** By which the scheduler takes a worker into its run. */
export type Welcome = Command & { readonly type: "welcome" };

/** What the scheduler says of the workers of its run. */
export interface WorkerStart {
  readonly output?: "inherit" | "event";
  readonly initializer?: TaskFunction<[]> | undefined;
  readonly startTimeout?: number | undefined;
}

/** Makes the workers of a session. */
export type MakeExecutor = (slots: number, start: WorkerStart) => Executor;

/** Where a session writes, and what makes its workers. */
export interface OpenSettings {
  readonly store: Store;
  readonly run: RunSubjects;
  readonly id: string;
  readonly maxPartBytes: number;
  readonly makeExecutor: MakeExecutor;
}

/** What a session has from its welcome on. */
export interface OpenSession {
  readonly executor: Executor;
  readonly writer: LogWriter;
  readonly values: FetchedValues;
  /** For how many seconds the session keeps the calls of a scheduler that has gone. */
  readonly patience: number;
  /** What keeps its workers from starting may be the fault of the run. */
  readonly hasInitializer: boolean;
}

/** Makes them. */
export function openSession(
  { store, run, id, maxPartBytes, makeExecutor }: OpenSettings,
  { last, slots, capturesOutput, startTimeout, patience }: Welcome,
  initializer: TaskFunction | undefined,
  observer: LogWriterObserver,
): OpenSession {
  const executor = makeExecutor(slots, {
    output: capturesOutput ? "event" : "inherit",
    initializer: initializer as TaskFunction<[]> | undefined,
    startTimeout,
  });
  const log = new SessionLog(store, run.session(id), last);
  return {
    executor,
    writer: new LogWriter(log, maxPartBytes, observer),
    values: new FetchedValues(store, run, executor),
    patience,
    hasInitializer: initializer !== undefined,
  };
}
