/** How long a fleet waits before it replaces jobs that fail as soon as they have started. @module */

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;

/**
 * The first failure is made good at once, further ones after pauses that double. Only a job that lasts shows
 * that all is well again: where jobs wait long for a machine, time shows nothing.
 */
export class RestartPause {
  #failures = 0;
  #failedAt = -Infinity;
  #problem: string | undefined;

  /** What people should know until a job has lasted. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** So many jobs have ended early; returns the problem. */
  noteFailure(jobs: number, now: number): string {
    this.#failures++;
    this.#failedAt = now;
    const [ended, others] = jobs === 1
      ? ["A job", "another one is"]
      : [`${jobs} jobs`, "others are"];
    const seconds = this.#pause / 1_000;
    const when = seconds === 0 ? "at once" : `in ${seconds} seconds`;
    return this.#problem =
      `${ended} ended within a minute of the start; ${others} submitted ${when}`;
  }

  /** A job has lasted. */
  end(): void {
    this.#failures = 0;
    this.#problem = undefined;
  }

  /** Whether jobs may be submitted. */
  isOver(now: number): boolean {
    return now - this.#failedAt >= this.#pause;
  }

  get #pause(): number {
    if (this.#failures < 2) return 0;
    return Math.min(FIRST_PAUSE_MS * 2 ** (this.#failures - 2), LONGEST_PAUSE_MS);
  }
}
