/** Reads the texts of local modules, which are part of keys. @module */

import { JournalError } from "./journal_error.ts";

/** The texts that one journal has read, each once. */
export class ModuleTexts {
  readonly #journal: string;
  readonly #texts = new Map<string, string>();

  /** `journal` is the path of the journal, for errors. */
  constructor(journal: string) {
    this.#journal = journal;
  }

  /**
   * The text of a module; undefined for a remote one, and for one that does not exist.
   *
   * @throws {JournalError} when it must not be read.
   */
  read(url: string): string | undefined {
    const file = fileOf(url);
    if (file === undefined) return undefined;
    const known = this.#texts.get(url);
    if (known !== undefined) return known;
    try {
      const text = Deno.readTextFileSync(file);
      this.#texts.set(url, text);
      return text;
    } catch (cause) {
      // The call fails with a better error.
      if (cause instanceof Deno.errors.NotFound) return undefined;
      throw new JournalError(
        `The Journal cannot read ${url}, whose text is part of its keys: ` +
          `allow it with --allow-read=${file.pathname}`,
        this.#journal,
        { cause },
      );
    }
  }
}

// Without the query and the fragment, which name another instance of the same module.
function fileOf(url: string): URL | undefined {
  if (!url.startsWith("file:")) return undefined;
  const file = new URL(url);
  file.search = "";
  file.hash = "";
  return file;
}
