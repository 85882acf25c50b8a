/** The schedule that a program without any cost would follow. @module */

/** The time that workers take for tasks of these durations if the first idle one takes the next task. */
export function greedyMakespan(durations: readonly number[], workerCount: number): number {
  const ends = Array<number>(workerCount).fill(0);
  for (const duration of durations) {
    const first = ends.indexOf(Math.min(...ends));
    ends[first] = (ends[first] ?? 0) + duration;
  }
  return Math.max(...ends);
}
