/**
 * Preloaded before an example: at its end, the program prints a last line of JSON to stderr, with
 * the events that the scheduler emitted and how its runs ended.
 *
 * @module
 */

import { Emitter, Scheduler, Task } from "@amltk/scheduling";
import { BATCH } from "../fixtures/batch_option.ts";

/** How a run ended. */
export type RecordedExit =
  | { readonly code: string; readonly exception: string | null }
  | { readonly raised: string };

/** The recording of a program. */
export interface Recording {
  /** The final counts of each scheduler and each task. */
  readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** How each run ended, in order. */
  readonly exits: readonly RecordedExit[];
  /** All emissions in order, each as `"Scheduler:start"` or `"Task-collatz:result"`. */
  readonly trace: readonly string[];
}

const schedulers: Scheduler[] = [];
const exits: RecordedExit[] = [];
const trace: string[] = [];

const { emit } = Emitter.prototype;
Emitter.prototype.emit = function (this: Emitter<object>, name, ...args) {
  trace.push(`${label(this)}:${name}`);
  emit.call(this, name, ...args);
};

const { run } = Scheduler.prototype;
Scheduler.prototype.run = async function (options) {
  try {
    const exit = await run.call(this, options);
    const { code, exception } = exit;
    exits.push({ code, exception: exception === undefined ? null : String(exception) });
    return exit;
  } catch (error) {
    exits.push({ raised: String(error) });
    throw error;
  }
};

const { withWorkers } = Scheduler;
Scheduler.withWorkers = (workerCount, options) => {
  const scheduler = withWorkers(workerCount, { ...BATCH, ...options });
  schedulers.push(scheduler);
  return scheduler;
};

globalThis.addEventListener("unload", () => {
  const counts = Object.fromEntries(schedulers.flatMap((scheduler) => [
    ["Scheduler", scheduler.eventCounts],
    ...scheduler.tasks.map((task, index) => [`${index}:Task-${task.name}`, task.eventCounts]),
  ]));
  const recording: Recording = { counts, exits, trace };
  // deno-lint-ignore no-console -- stdout belongs to the example
  console.error(JSON.stringify(recording));
});

function label(emitter: object): string {
  return emitter instanceof Task ? `Task-${emitter.name}` : "Scheduler";
}
