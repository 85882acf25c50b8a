/**
 * The error of a journal.
 *
 * @module
 */

/**
 * A journal cannot be opened, read or written, or a call has no key. The message has the remedy.
 *
 * @example A file of another program
 * ```ts
 * import { Journal, JournalError } from "@amltk/scheduling";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const path = Deno.makeTempFileSync();
 * Deno.writeTextFileSync(path, "no journal");
 * const error = assertThrows(() => new Journal({ path }), JournalError, "not a journal");
 * assertEquals([error.path, Deno.readTextFileSync(path)], [path, "no journal"]);
 * Deno.removeSync(path);
 * ```
 *
 * @category Errors
 */
export class JournalError extends Error {
  static {
    this.prototype.name = "JournalError";
  }

  /** The path of the journal. */
  readonly path: string;

  /**
   * Makes an error about a journal.
   *
   * @param message What happened, and the remedy.
   * @param path The path of the journal.
   * @param options `cause` is the error behind it.
   */
  constructor(message: string, path: string, options?: ErrorOptions) {
    super(message, options);
    this.path = path;
  }
}
