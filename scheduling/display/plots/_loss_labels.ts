/** Where the labels of lost workers lie. @module */

import type { LossRecord } from "../monitor_records.ts";
import type { Bar } from "./_bars.ts";
import type { TimeAxis } from "./_time_axis.ts";

/** How many pixels the label of a loss takes, with its distance from the cross. */
export const LOSS_LABEL = 95;

/** A loss, and the side of a time on which its label lies. */
export interface LossLabel {
  readonly worker: number;
  readonly time: number;
  readonly isLeft: boolean;
}

/** Puts each label where it covers no bar of its worker, if there is such a place near the loss. */
export function lossLabels(
  losses: readonly LossRecord[],
  bars: readonly Bar[],
  { from, to }: TimeAxis,
  pixel: number,
): LossLabel[] {
  const width = LOSS_LABEL * pixel;
  return losses.map(({ worker, time }) => {
    const own = bars.filter(({ row }) => row === worker - 1);
    const isFree = ({ time, isLeft }: LossLabel) => {
      const [start, end] = isLeft ? [time - width, time] : [time, time + width];
      return start >= from && end <= to && !own.some((bar) => bar.start < end && bar.end > start);
    };
    const right = { worker, time, isLeft: false };
    const left = { worker, time, isLeft: true };
    const beforeBar = { ...left, time: startOfLast(own, time) };
    return [right, left, beforeBar].find(isFree) ?? (time + width > to ? left : right);
  });
}

/** When the bar began that the loss ended. */
function startOfLast(bars: readonly Bar[], time: number): number {
  return bars.reduce((latest, { start }) => start <= time ? Math.max(latest, start) : latest, 0);
}
