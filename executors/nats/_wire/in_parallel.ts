/** Does things a few at a time. @module */

// So many parts of a value on their way fill the connection, and no more than a few MiB wait in the server.
const IN_FLIGHT = 4;

/** Calls `task` for each index below `count`, some at a time; rejects with the first failure. */
export async function inParallel(
  count: number,
  task: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
}
