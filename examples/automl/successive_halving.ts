/**
 * Successive halving: many candidates get a small budget, the best third a larger one, and so on.
 *
 * @module
 */

import type { Candidate, Trial } from "./trial.ts";

// One candidate of this many is promoted to the next rung.
const REDUCTION = 3;

/** A trial with its accuracy. */
export interface Result {
  /** The trial. */
  readonly trial: Trial;
  /** The share of validation images that its model classified correctly. */
  readonly accuracy: number;
}

/** A trial that failed. */
export interface Failure {
  /** The trial. */
  readonly trial: Trial;
  /** Why it failed. */
  readonly reason: string;
}

/**
 * The results of all candidates. A rung is decided when all its trials have settled, and ties go to
 * the lower id, so that the order in which trials settle does not matter.
 */
export class SuccessiveHalving {
  readonly #budgets: readonly number[];
  // The last result of each candidate.
  readonly #results = new Map<number, Result>();
  readonly #failures: Failure[] = [];
  #rung: readonly Trial[];
  #rungNumber = 1;
  #settledCount = 0;

  /**
   * Starts the first rung.
   *
   * @param candidates All candidates.
   * @param budgets The budget of each rung.
   */
  constructor(candidates: readonly Candidate[], budgets: readonly number[]) {
    this.#budgets = budgets;
    this.#rung = withBudget(candidates, budgets[0] ?? 0);
  }

  /** The trials of the current rung. */
  get rung(): readonly Trial[] {
    return this.#rung;
  }

  /** The number of the current rung, from 1 on. */
  get rungNumber(): number {
    return this.#rungNumber;
  }

  /** How many trials of the current rung have settled. */
  get settledCount(): number {
    return this.#settledCount;
  }

  /** Whether all trials of the current rung have settled. */
  get rungSettled(): boolean {
    return this.#settledCount === this.#rung.length;
  }

  /** The last result of each candidate, best first: by budget, then accuracy, then id. */
  get ranking(): readonly Result[] {
    return [...this.#results.values()].sort((a, b) =>
      b.trial.budget - a.trial.budget || b.accuracy - a.accuracy || a.trial.id - b.trial.id
    );
  }

  /** The trials that failed, by budget and id. */
  get failures(): readonly Failure[] {
    return this.#failures.toSorted((a, b) =>
      a.trial.budget - b.trial.budget || a.trial.id - b.trial.id
    );
  }

  /** Records the result of a trial of the current rung. */
  succeeded(trial: Trial, accuracy: number): void {
    this.#settledCount++;
    this.#results.set(trial.id, { trial, accuracy });
  }

  /** Records the failure of a trial of the current rung. */
  failed(trial: Trial, error: unknown): void {
    this.#settledCount++;
    const reason = error instanceof Error ? error.message : String(error);
    this.#failures.push({ trial, reason });
  }

  /**
   * Promotes the best candidates of the current rung to the next rung.
   *
   * @returns false if there is no larger budget, or no candidate left to compare.
   */
  promote(): boolean {
    const budget = this.#budgets[this.#rungNumber];
    if (budget === undefined || this.#rung.length === 1) return false;
    const best = this.ranking
      .map(({ trial }) => trial)
      .filter((trial) => this.#rung.includes(trial))
      .slice(0, Math.ceil(this.#rung.length / REDUCTION));
    if (best.length === 0) return false;
    this.#rung = withBudget(best, budget);
    this.#rungNumber++;
    this.#settledCount = 0;
    return true;
  }
}

/** Makes trials with the same budget for all candidates. */
export function withBudget(candidates: readonly Candidate[], budget: number): Trial[] {
  return candidates.map((candidate) => ({ ...candidate, budget }));
}
