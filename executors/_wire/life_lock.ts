/** Observes the exit of a thread by a Web Lock, which the platform then releases. @module */

interface Locks {
  request(
    name: string,
    options: { signal?: AbortSignal },
    granted: () => unknown,
  ): Promise<unknown>;
}

// Since Deno 2.9; missing in its types.
function locks(): Locks | undefined {
  return (navigator as { locks?: Locks }).locks;
}

/** In a worker: holds a lock while the thread lives; returns its name, or undefined without locks. */
export function holdLifeLock(): Promise<string | undefined> {
  const platform = locks();
  if (platform === undefined) return Promise.resolve(undefined);
  const name = `@amltk/scheduling/${crypto.randomUUID()}`;
  return new Promise((resolve) => {
    const held = platform.request(name, {}, () => {
      resolve(name);
      return new Promise(() => {});
    });
    // Rejects if there can be no lock, or if a task steals it: the pool then takes the worker for dead.
    held.catch(() => resolve(undefined));
  });
}

/** Calls `ended` when the thread that holds the lock has exited, unless `signal` is aborted before. */
export function watchLifeLock(name: string, signal: AbortSignal, ended: () => void): void {
  locks()?.request(name, { signal }, ended).catch((error) => {
    if (!signal.aborted) throw error;
  });
}
