/**
 * What the demo prints about a search.
 *
 * @module
 */

import { describe } from "./search_space.ts";
import type { SuccessiveHalving } from "./successive_halving.ts";

const SHOWN = 15;

/** Announces the current rung. */
export function rungTitle({ rung, rungNumber }: SuccessiveHalving): string {
  const candidates = rung.length === 1 ? "1 candidate" : `${rung.length} candidates`;
  return `Rung ${rungNumber}: ${candidates}, trained on ${rung[0]?.budget} digits each`;
}

/** The progress of the current rung. */
export function rungProgress({ rung, settledCount, ranking }: SuccessiveHalving): string {
  const done = `  ${String(settledCount).padStart(3)} of ${rung.length}`;
  const [leader] = ranking;
  if (leader === undefined) return done;
  const { accuracy, trial } = leader;
  return `${done}, in the lead: ${percent(accuracy)}, trial ${trial.id}, ${
    describe(trial.configuration)
  }`;
}

/**
 * The best candidates and the failed trials. It shows no times, so that it is the same for any
 * number of workers.
 */
export function leaderboard({ ranking, failures }: SuccessiveHalving): string {
  if (ranking.length === 0) return "Leaderboard: no trial has a result yet";
  const best = ranking.slice(0, SHOWN);
  const others = ranking.length - best.length;
  const lines = [
    "Leaderboard: accuracy on the validation digits, after training on how many",
    "",
    columns("rank", "digits", "accuracy", "trial", "model"),
    ...best.map(({ trial, accuracy }, i) =>
      columns(i + 1, trial.budget, percent(accuracy), trial.id, describe(trial.configuration))
    ),
  ];
  if (others > 0) lines.push(`      and ${others} more`);
  for (const { trial, reason } of failures) {
    const model = describe(trial.configuration);
    lines.push(columns("-", trial.budget, "failed", trial.id, `${model} (${reason})`));
  }
  return lines.join("\n");
}

/** A share as a percentage. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function columns(
  rank: number | string,
  digits: number | string,
  accuracy: string,
  trial: number | string,
  model: string,
): string {
  const numbers = [rank, digits, accuracy, trial].map(String);
  const widths = [4, 6, 8, 5];
  return [...numbers.map((text, i) => text.padStart(widths[i] ?? 0)), model].join("  ");
}
