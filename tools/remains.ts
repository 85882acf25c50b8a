/** Finds what a run has left behind, by asking the platform and the operating system. @module */

const GRACE_TRIES = 3000;

// Tests replace it by a fake clock.
const realSetTimeout = setTimeout;

interface Locks {
  query(): Promise<{ held?: readonly { name: string }[] }>;
}

/** The live workers of the package: threads, found by the locks that they hold, and processes. */
export async function remains(): Promise<string[]> {
  return [...await threads(), ...processes()];
}

/**
 * What is left of a run. A worker that was terminated during its start takes a moment to end, and may show up
 * after a look that found nothing: the last two looks must agree.
 */
export async function leftBehind(): Promise<string[]> {
  let left: string[] = [];
  for (let tries = 0, empty = 0; tries < GRACE_TRIES && empty < 2; tries++) {
    if (tries > 0) await new Promise((resolve) => realSetTimeout(resolve, 10));
    left = await remains();
    empty = left.length === 0 ? empty + 1 : 0;
  }
  return left;
}

/** The life locks held by threads of the package. */
export async function threads(): Promise<string[]> {
  // Deno's types lack it.
  const { locks } = navigator as unknown as { locks: Locks };
  const { held = [] } = await locks.query();
  return held.map(({ name }) => name).filter((name) => name.startsWith("@amltk/scheduling/"));
}

/** The child processes that run the worker program of the package, on systems with `/proc`. */
export function processes(): string[] {
  if (Deno.build.os !== "linux") return [];
  const pids = [...Deno.readDirSync("/proc")].map(({ name }) => name).filter((name) =>
    /^\d+$/.test(name)
  );
  return pids.filter(isOurs).map((pid) => `process ${pid}`);
}

function isOurs(pid: string): boolean {
  try {
    // A zombie, which has ended but was not waited for yet, has no command line.
    const command = Deno.readTextFileSync(`/proc/${pid}/cmdline`);
    const parent = /^PPid:\s+(\d+)$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1];
    return Number(parent) === Deno.pid && command.includes("process_worker.ts");
  } catch (error) {
    // The process has ended since the folder was read.
    if (error instanceof Deno.errors.NotFound || hasNoProcess(error)) return false;
    throw error;
  }
}

// The error for a process that ends while its file is read.
function hasNoProcess(error: unknown): boolean {
  return error instanceof Error && /^No such process \(os error 3\)/.test(error.message);
}
