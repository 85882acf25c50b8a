/** The outcomes of guide examples: run here, and recorded from the original. @module */

import json from "./guide_reference.json" with { type: "json" };
import type { RecordedExit, Recording } from "./_record.ts";

/** What a guide example prints and emits. */
export interface Outcome extends Recording {
  /** The output before the tree. */
  readonly printed: string;
}

/** The outcome of a program, with the tree that it prints at the end. */
export interface Run extends Outcome {
  readonly tree: string;
}

const SCHEDULER_EVENTS = [
  "start",
  "future-submitted",
  "future-done",
  "future-result",
  "future-exception",
  "future-cancelled",
  "empty",
  "stop",
  "timeout",
  "finishing",
  "finished",
];
const TASK_EVENTS = ["submitted", "done", "result", "exception", "cancelled"];
const LIMITER_EVENTS = [
  "call-limit-reached",
  "concurrent-limit-reached",
  "disabled-due-to-running-task",
];
const LIMITED_TASKS: ReadonlySet<string> = new Set(["0:Task-my_func"]);
const REPOSITORY = new URL("../../", import.meta.url);
const DEADLINE = 120_000;

type Counts = Readonly<Record<string, number | undefined>>;

// Covers all entries of the reference.
interface Entry {
  id: string;
  printed: string;
  ["scheduler_event_counts"]: Counts;
  ["task_event_counts"]: Record<string, Counts | undefined>;
  ["exit_state"]: { code?: string; exception?: string | null; raised?: string }[];
  ["event_trace"]: string[];
}

const entries: Entry[] = json;

/** The ids of the reference, in its order. */
export const REFERENCE_IDS: readonly string[] = entries.map(({ id }) => id);

/**
 * The outcome of the original, translated to this package: names in camelCase, codes in lower case,
 * the class of the thrown error, and a count for every known event. (The original counts only
 * events that were emitted or subscribed to.)
 */
export function referenceOutcome(id: string): Outcome {
  const entry = entries.find((other) => other.id === id);
  if (entry === undefined) throw new RangeError(`The reference has no example ${id}`);
  const tasks = Object.entries(entry["task_event_counts"]).map(([name, counts = {}]) => {
    const known = LIMITED_TASKS.has(name) ? [...TASK_EVENTS, ...LIMITER_EVENTS] : TASK_EVENTS;
    return [camelCase(name), knownCounts(counts, known)];
  });
  return {
    printed: entry.printed,
    counts: {
      Scheduler: knownCounts(entry["scheduler_event_counts"], SCHEDULER_EVENTS),
      ...Object.fromEntries(tasks),
    },
    exits: entry["exit_state"].map(exitHere),
    trace: entry["event_trace"].map(camelCase),
  };
}

/** Runs an example as its README says, with the recorder preloaded. */
export async function runExample(file: string, args: readonly string[] = []): Promise<Run> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), DEADLINE);
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--import-map=import_map.npm.json",
      "--allow-read",
      // The recorder reads the size of batches.
      "--allow-env=BATCH",
      "--preload=tests/examples/_record.ts",
      `examples/guide/${file}`,
      ...args,
    ],
    cwd: REPOSITORY,
    env: { NO_COLOR: "1" },
    signal: deadline.signal,
  });
  const output = await command.output().finally(() => clearTimeout(timer));
  const stdout = new TextDecoder().decode(output.stdout);
  const stderr = new TextDecoder().decode(output.stderr);
  if (!output.success) throw new Error(`${file} ended with code ${output.code}: ${stderr}`);
  const treeAt = stdout.indexOf("╭");
  const recording: Recording = JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "");
  return { printed: stdout.slice(0, treeAt), tree: stdout.slice(treeAt), ...recording };
}

function knownCounts(counts: Counts, known: readonly string[]): Record<string, number> {
  const unknown = Object.keys(counts).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new RangeError(`The reference counts ${unknown.join(", ")}`);
  return Object.fromEntries(known.map((name) => [name, counts[name] ?? 0]));
}

function exitHere({ code = "", exception = null, raised }: Entry["exit_state"][0]): RecordedExit {
  if (raised !== undefined) return { raised: errorHere(raised) };
  return { code: code.toLowerCase(), exception: exception && errorHere(exception) };
}

function errorHere(text: string): string {
  return text.replace(/^ValueError\('(.*)'\)$/, "RangeError: $1");
}

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
