/** What of a function is part of a key: its text, or the URL, export and text of its module. @module */

import {
  type FunctionSource,
  functionSource,
  type TaskFunction,
} from "../../scheduling/function.ts";
import { JournalError } from "./journal_error.ts";

/** Identifies the functions of one journal. Reads each local module once. */
export class FunctionParts {
  readonly #journal: string;
  readonly #texts = new Map<string, string>();

  /** `journal` is the path of the journal, for errors. */
  constructor(journal: string) {
    this.#journal = journal;
  }

  /**
   * The parts of a function.
   *
   * @throws {JournalError} when it cannot be part of a key, or its module must not be read.
   */
  of(task: string, fn: TaskFunction): string[] {
    const source = this.#sourceOf(task, fn);
    if (source.kind === "source") return ["source", source.source];
    return ["module", source.url, source.name, this.#textOf(source.url) ?? ""];
  }

  #sourceOf(task: string, fn: TaskFunction): FunctionSource {
    try {
      return functionSource(fn);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `The Journal cannot identify the function of ${task}: ${reason}`;
      throw new JournalError(message, this.#journal, { cause });
    }
  }

  // Undefined for a remote module, and for one that does not exist.
  #textOf(url: string): string | undefined {
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
