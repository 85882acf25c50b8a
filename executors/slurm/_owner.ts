/** By which name a program finds its jobs, and those of a program that has crashed. @module */

/**
 * The name of this program's jobs. A lock on a file of that name shows other programs that it is alive: the
 * operating system removes the lock when the program ends, however that happens.
 */
export class Owner {
  readonly name: string;
  readonly #path: string;
  readonly #file: Deno.FsFile;

  /** Makes a new name for a queue, with its lock in a folder. */
  static take(folder: string, queue: string): Owner {
    Deno.mkdirSync(folder, { recursive: true });
    const id = crypto.randomUUID().slice(0, 8);
    return new Owner(folder, `${prefixOf(queue)}${id}`);
  }

  private constructor(folder: string, name: string) {
    this.name = name;
    this.#path = lockPath(folder, name);
    const unseen = `${this.#path}.new`;
    this.#file = Deno.openSync(unseen, { createNew: true, write: true });
    this.#file.tryLockSync(true);
    // Another program that starts now would take a file without a lock for one that was left.
    Deno.renameSync(unseen, this.#path);
  }

  /** Ends the claim to be alive. The file goes if there are no jobs to be found by it. */
  release(hasJobs: boolean): void {
    this.#file.close();
    if (!hasJobs) unlessGone(() => Deno.removeSync(this.#path));
  }
}

/**
 * The names of programs that have ended on this machine and whose file was not removed. Locks of other
 * machines are not judged, because not every network file system shows them.
 */
export function abandonedNames(folder: string, queue: string): string[] {
  const names: string[] = [];
  for (const { name: file } of Deno.readDirSync(folder)) {
    const name = file.replace(/\.lock$/, "");
    if (name === file || !name.startsWith(prefixOf(queue))) continue;
    if (isAbandoned(lockPath(folder, name))) names.push(name);
  }
  return names;
}

/** Removes the file of a program that has ended. */
export function forgetName(folder: string, name: string): void {
  unlessGone(() => Deno.removeSync(lockPath(folder, name)));
}

function isAbandoned(path: string): boolean {
  using file = unlessGone(() => Deno.openSync(path, { write: true }));
  return file?.tryLockSync(true) === true;
}

/** Programs that start at the same time find the same names, and the first one removes their files. */
function unlessGone<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

// Neither part has the character that separates them, but for the machine, which ends with a part of fixed form.
function prefixOf(queue: string): string {
  const machine = Deno.hostname().replace(/[^A-Za-z0-9.-]/g, "-");
  return `amltk.${queue}.${machine}.`;
}

function lockPath(folder: string, name: string): string {
  return `${folder}/${name}.lock`;
}
