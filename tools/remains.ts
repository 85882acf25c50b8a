/** What a run has left behind, as the operating system and the platform see it. @module */

interface Locks {
  query(): Promise<{ held?: readonly { name: string }[] }>;
}

/** The workers of the package that live: threads by the locks that they hold, child processes. */
export async function remains(): Promise<string[]> {
  return [...await threads(), ...processes()];
}

/** The life locks that threads of the package hold. */
export async function threads(): Promise<string[]> {
  // Missing in Deno's types.
  const { locks } = navigator as unknown as { locks: Locks };
  const { held = [] } = await locks.query();
  return held.map(({ name }) => name).filter((name) => name.startsWith("@amltk/scheduling/"));
}

/** The child processes of this one that run the package's program, where there is `/proc`. */
export function processes(): string[] {
  if (Deno.build.os !== "linux") return [];
  const pids = [...Deno.readDirSync("/proc")].map(({ name }) => name).filter((name) =>
    /^\d+$/.test(name)
  );
  return pids.filter(isOurs).map((pid) => `process ${pid}`);
}

function isOurs(pid: string): boolean {
  try {
    // A process that has ended but was not yet waited for has no command line.
    const command = Deno.readTextFileSync(`/proc/${pid}/cmdline`);
    const parent = /^PPid:\s+(\d+)$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1];
    return Number(parent) === Deno.pid && command.includes("process_worker.ts");
  } catch (error) {
    // It has ended since the folder was read.
    if (error instanceof Deno.errors.NotFound || hasNoProcess(error)) return false;
    throw error;
  }
}

// What the file system says of a process that ends while its file is read.
function hasNoProcess(error: unknown): boolean {
  return error instanceof Error && /^No such process \(os error 3\)/.test(error.message);
}
