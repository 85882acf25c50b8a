/** Functions that workers run, and which know which attempt of their call they are. @module */

/** Ends its worker in the first attempts: in none, one or two of them. */
export function losesWorkers(n: number, folder: unknown): string {
  const attempt = markAttempt(n, folder);
  if (attempt <= n % 3) Deno.exit(attempt);
  return `${n}, attempt ${attempt}`;
}

/** Fails in each attempt. */
export async function rejects(n: number, folder: unknown): Promise<never> {
  const attempt = markAttempt(n, folder);
  await new Promise((resolve) => setTimeout(resolve, n % 3));
  throw new RangeError(`${n}, attempt ${attempt}`);
}

// Attempts run in different workers: each makes a file, so that none can be counted twice.
function markAttempt(n: number, folder: unknown): number {
  for (let attempt = 1;; attempt++) {
    try {
      Deno.writeTextFileSync(`${folder}/${n}.${attempt}`, "", { createNew: true });
      return attempt;
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
}
