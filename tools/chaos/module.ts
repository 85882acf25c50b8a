/** What workers import. @module */

/** Answers with the number of its task. */
export function answer(n: number): number {
  return n;
}
