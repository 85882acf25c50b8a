/**
 * The median rule: a trial stops when it is worse than the median of others at the same point.
 *
 * The rule is that of Golovin et al., "Google Vizier: A Service for Black-Box Optimization", KDD 2017, but
 * the others are a fixed part of the rung, so that a search has the same outcome on any number of workers,
 * and when it is resumed.
 *
 * @module
 */

import type { Report } from "./trial.ts";

/** Judges the reports of trials by those of the first trials of a rung, which always go on. */
export class MedianRule {
  readonly #accuracies = new Map<number, number[]>();

  /**
   * Learns from a trial that is never stopped.
   *
   * @param reports All its reports.
   */
  learn(reports: readonly Report[]): void {
    for (const { checkpoint, accuracy } of reports) {
      const known = this.#accuracies.get(checkpoint) ?? [];
      this.#accuracies.set(checkpoint, [...known, accuracy].sort((a, b) => a - b));
    }
  }

  /** Whether a trial should stop: its training goes on, and it is worse than the median at this point. */
  isBad({ checkpoint, accuracy }: Report): boolean {
    const known = this.#accuracies.get(checkpoint) ?? [];
    const median = known[Math.floor(known.length / 2)];
    return checkpoint < 1 && median !== undefined && accuracy < median;
  }

  /**
   * The report that counts: the first bad one, else the last. A trial may have gone on for a while before it
   * saw that it should stop.
   */
  decisive(reports: readonly Report[]): Report | undefined {
    return reports.find((report) => this.isBad(report)) ?? reports.at(-1);
  }
}
