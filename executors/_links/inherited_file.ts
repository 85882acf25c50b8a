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
      this.writeWords(0);
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

  /** Writes words, integers below 2 ** 32, from the beginning. */
  writeWords(...words: number[]): void {
    this.#write(new Uint8Array(new Uint32Array(words).buffer), 0);
  }

  /** Writes bytes behind so many words. */
  writeBytes(bytes: Uint8Array, behind: number): void {
    this.#write(bytes, behind * WORD_BYTES);
  }

  #write(bytes: Uint8Array, at: number): void {
    if (!this.#closed) this.#fs.writeSync(this.descriptor, bytes, 0, bytes.length, at);
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
