/** In how much time a run of known size will end. @module */

import type { SchedulerStatistics } from "../statistics.ts";

const SECOND = 1000;
const RECENT_SECONDS = 10;
// Fewer recent calls say little about the next ones.
const ENOUGH_RECENT = 10;

/**
 * Estimates the time left, in milliseconds: calls continue to end at the rate of the last ten seconds, or of the
 * whole run if fewer than ten calls ended in these. Undefined until a call has ended and after the last one.
 */
export function timeLeft(
  total: number,
  ended: number,
  { elapsed = 0, throughput }: Pick<SchedulerStatistics, "elapsed" | "throughput">,
): number | undefined {
  if (ended === 0 || ended >= total || elapsed <= 0) return undefined;
  const isEnough = throughput * RECENT_SECONDS >= ENOUGH_RECENT;
  const perSecond = isEnough ? throughput : (ended * SECOND) / elapsed;
  return ((total - ended) * SECOND) / perSecond;
}
