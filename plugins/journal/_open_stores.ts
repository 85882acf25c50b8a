/** The stores that are open in this program: one for each file, whatever its paths. @module */

import { Store } from "./_store.ts";

/** A store, for one of its users. */
export interface StoreLease {
  readonly store: Store;
  /** Closes the store if it has no other user. */
  release(): void;
}

interface OpenStore {
  readonly store: Store;
  users: number;
}

const open = new Map<string, OpenStore>();

/**
 * Opens a file, or uses the store that is open. Once a user wants full synchronization, it stays.
 *
 * @throws {JournalError} when the file cannot be used.
 */
export function leaseStore(path: string, isFullSync: boolean): StoreLease {
  const found = open.get(identityOf(path) ?? "");
  const entry = found ?? { store: new Store(path), users: 0 };
  const identity = identityOf(path) ?? path;
  open.set(identity, entry);
  entry.users++;
  if (isFullSync) entry.store.useFullSync(true);
  return {
    store: entry.store,
    release() {
      if (--entry.users > 0) return;
      open.delete(identity);
      entry.store.close();
    },
  };
}

/** What all paths of a file have in common; undefined if it does not exist. */
function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = Deno.statSync(path);
    return ino === null ? path : `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
