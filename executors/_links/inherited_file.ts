/** A file that a child process inherits as an open descriptor. @module */

import process from "node:process";

const WORD_BYTES = 4;
const NONE = -1;

/**
 * A file without a name, as memory that this program shares with a child process. The process needs no
 * permission to use it, sees each write at once, and what it has written survives its death.
 */
export class InheritedFile {
  /** What the process inherits. */
  readonly descriptor: number = NONE;
  // Not imported statically, because few programs need it.
  readonly #fs = process.getBuiltinModule("node:fs");
  #closed = false;

  private constructor(folder: string) {
    const path = Deno.makeTempFileSync({ dir: folder });
    try {
      this.descriptor = this.#fs.openSync(path, "r+");
      // Takes its place on the disk now, so that no later write fails for want of it.
      this.write(0, 0);
    } catch (error) {
      this.close();
      throw error;
    } finally {
      Deno.removeSync(path);
    }
  }

  /** Whether this program may make one, as far as that is known without asking the user. */
  static isAllowed(): boolean {
    if (Deno.build.os === "windows") return false;
    const path = temporaryFolder();
    return isGranted({ name: "read", path }) && isGranted({ name: "write", path });
  }

  /** Makes a file; returns undefined if that fails, for example because the disk is full. */
  static make(): InheritedFile | undefined {
    try {
      return new InheritedFile(temporaryFolder());
    } catch {
      return undefined;
    }
  }

  /** Writes a word, an integer below 2 ** 32. */
  write(index: number, word: number): void {
    if (this.#closed) return;
    const bytes = new Uint8Array(new Uint32Array([word]).buffer);
    this.#fs.writeSync(this.descriptor, bytes, 0, WORD_BYTES, index * WORD_BYTES);
  }

  /** Closes it here. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.descriptor !== NONE) this.#fs.closeSync(this.descriptor);
  }
}

function temporaryFolder(): string {
  const isReadable = isGranted({ name: "env", variable: "TMPDIR" });
  return (isReadable ? Deno.env.get("TMPDIR") : undefined) || "/tmp";
}

function isGranted(descriptor: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(descriptor).state === "granted";
}
