/** The jobs of one program, in Slurm. @module */

import type { Job, JobState, JobSystem } from "./job_system.ts";
import { runCommand } from "./_run_command.ts";

// By default, Slurm takes arrays of up to 1001 jobs.
const LARGEST_ARRAY = 1_000;
// What says that the cluster has no room now, or no nodes, which may change.
const NOT_NOW = /allocation failure: .*not (?:be )?available/i;
const STATES: Readonly<Record<string, JobState>> = {
  PENDING: "queued",
  CONFIGURING: "queued",
  REQUEUED: "queued",
  REQUEUE_FED: "queued",
  REQUEUE_HOLD: "queued",
  SPECIAL_EXIT: "queued",
  RESV_DEL_HOLD: "queued",
  RUNNING: "running",
  SUSPENDED: "running",
  STOPPED: "running",
  RESIZING: "running",
  SIGNALING: "running",
  STAGE_OUT: "ending",
  COMPLETING: "ending",
};

/** How jobs are submitted. */
export interface SlurmJobSettings {
  /** The name of all jobs, and of nobody else's. */
  readonly name: string;
  readonly script: string;
  /** The options of sbatch, but for name and array. */
  readonly args: readonly string[];
  /** How long before its walltime a job takes no more calls, in seconds. */
  readonly drainSeconds: number;
}

/** Finds its jobs by their name. */
export class SlurmJobs implements JobSystem {
  readonly #settings: SlurmJobSettings;
  #mayHaveJobs = false;

  constructor(settings: SlurmJobSettings) {
    this.#settings = settings;
  }

  /** Whether jobs were submitted, answered or not, and not all cancelled since. */
  get mayHaveJobs(): boolean {
    return this.#mayHaveJobs;
  }

  /** Throws what Slurm says of options that it will not accept. */
  async check(): Promise<void> {
    try {
      await this.#sbatch(1, ["--test-only"]);
    } catch (error) {
      if (!(error instanceof Error) || !NOT_NOW.test(error.message)) throw error;
    }
  }

  async submit(count: number): Promise<string[]> {
    this.#mayHaveJobs = true;
    const size = Math.min(count, LARGEST_ARRAY);
    const [id] = /^\d+/m.exec(await this.#sbatch(size, [])) ?? [];
    if (id === undefined) throw new Error("sbatch did not print the id of a job");
    return Array.from({ length: size }, (_, index) => `${id}_${index}`);
  }

  async list(): Promise<Job[]> {
    const { name, drainSeconds } = this.#settings;
    const lines = await runCommand("squeue", [
      "--noheader",
      "--array",
      "--me",
      `--name=${name}`,
      "--format=%i|%T|%L",
    ]);
    return lines.split("\n").flatMap((line) => toJob(line, drainSeconds));
  }

  async drain(ids: readonly string[]): Promise<void> {
    await runCommand("scancel", ["--state=PENDING", ...ids]);
    // Without the state, scancel asks for a minute about jobs that cannot take signals.
    await runCommand("scancel", ["--signal=TERM", "--batch", "--state=RUNNING", ...ids]);
  }

  async cancelAll(): Promise<void> {
    await cancelByName(this.#settings.name);
    this.#mayHaveJobs = false;
  }

  #sbatch(count: number, more: readonly string[]): Promise<string> {
    const { name, args, script } = this.#settings;
    const own = ["--parsable", `--job-name=${name}`, `--array=0-${count - 1}`];
    return runCommand("sbatch", [...own, ...args, ...more], script);
  }
}

/** Cancels the user's jobs with a name, with the calls that they run. */
export async function cancelByName(name: string): Promise<void> {
  await runCommand("scancel", ["--me", `--name=${name}`]);
}

function toJob(line: string, drainSeconds: number): Job[] {
  const [id = "", slurmState = "", timeLeft = ""] = line.trim().split("|");
  const state = STATES[slurmState];
  if (state === undefined) return [];
  const isDraining = state === "running" && secondsOf(timeLeft) <= drainSeconds;
  return [{ id, state: isDraining ? "ending" : state }];
}

/** Of `1-02:03:04`, `02:03:04` or `3:04`; other texts stand for no limit. */
function secondsOf(time: string): number {
  const [, days = 0, hours = 0, minutes, seconds] =
    /^(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)$/.exec(time) ?? [];
  if (minutes === undefined) return Infinity;
  return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
}
