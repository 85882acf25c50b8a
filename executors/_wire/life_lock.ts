/** Web Locks as a sign of life: the platform frees a worker's locks when its thread has ended. @module */

interface Locks {
  request(
    name: string,
    options: { signal?: AbortSignal },
    granted: () => unknown,
  ): Promise<unknown>;
}

// From Deno 2.9 on; missing in its types.
function locks(): Locks | undefined {
  return (navigator as { locks?: Locks }).locks;
}

/** In a worker: takes a lock for as long as the thread lives; returns its name. */
export function holdLifeLock(): Promise<string | undefined> {
  const platform = locks();
  if (platform === undefined) return Promise.resolve(undefined);
  const name = `@amltk/scheduling/${crypto.randomUUID()}`;
  return new Promise((resolve) => {
    const held = platform.request(name, {}, () => {
      resolve(name);
      return new Promise(() => {});
    });
    // Fails when there can be no lock, or a task steals it: the other side then takes the worker for
    // dead.
    held.catch(() => resolve(undefined));
  });
}

/** Calls `ended` when the thread that holds the lock has ended, unless `signal` is aborted before. */
export function watchLifeLock(name: string, signal: AbortSignal, ended: () => void): void {
  locks()?.request(name, { signal }, ended).catch((error) => {
    if (!signal.aborted) throw error;
  });
}
