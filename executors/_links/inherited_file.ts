/** A file that a child process inherits as an open descriptor. @module */

import process from "node:process";

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

  private constructor(folder: string, size: number) {
    const path = Deno.makeTempFileSync({ dir: folder });
    try {
      this.descriptor = this.#fs.openSync(path, "r+");
      // Takes its place on the disk now, so that no later write fails for want of it.
      this.write(new Uint8Array(size), 0);
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

  /** Makes a file of so many bytes; returns undefined if that fails, for example because the disk is full. */
  static make(size: number): InheritedFile | undefined {
    try {
      return new InheritedFile(temporaryFolder(), size);
    } catch {
      return undefined;
    }
  }

  /** Fills `into` with the bytes from a place on. */
  read(into: Uint8Array, place: number): void {
    if (!this.#closed) this.#fs.readSync(this.descriptor, into, 0, into.length, place);
  }

  /** Writes bytes from a place on. */
  write(bytes: Uint8Array, place: number): void {
    if (!this.#closed) this.#fs.writeSync(this.descriptor, bytes, 0, bytes.length, place);
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
