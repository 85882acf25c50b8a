/** The output of calls, by whole lines that name the call. @module */

import { dim } from "@std/fmt/colors";
import type { OutputStream } from "../_base/printer.ts";
import type { Call } from "../executor.ts";
import { FutureIds } from "./_future_ids.ts";
import { printable } from "./_text.ts";

/** Whole lines for one stream. */
export interface PrintedLines {
  readonly text: string;
  readonly stream: OutputStream;
}

interface Unfinished extends PrintedLines {
  readonly label: string;
  readonly call: Call | undefined;
}

const MAX_LINE = 65_536;
// Colours are passed on; other escape sequences would move the cursor.
// deno-lint-ignore no-control-regex -- escape sequences begin with one
const PASSED_ON = /(\x1b\[[\d;]*m|\t)/;
const RESET = "\x1b[0m";

/** Collects what calls print until lines are complete. */
export class CapturedLines {
  readonly #unfinished = new Map<string, Unfinished>();
  readonly #ids = new FutureIds();

  /** The lines that the text completes. */
  add(text: string, stream: OutputStream, call: Call | undefined): PrintedLines {
    const label = this.#labelOf(call);
    const key = `${stream} ${label}`;
    // Only the new text is searched: a task may print its line by single characters.
    const [first = "", ...others] = text.split("\n");
    const lines = [`${this.#unfinished.get(key)?.text ?? ""}${first}`, ...others];
    const rest = lines.pop() ?? "";
    if (rest.length > MAX_LINE) lines.push(rest);
    else if (rest !== "") this.#unfinished.set(key, { text: rest, stream, call, label });
    if (rest === "" || rest.length > MAX_LINE) this.#unfinished.delete(key);
    return { text: lines.map((line) => lineOf(line, label)).join(""), stream };
  }

  /** The last lines of calls that have ended, or of all. */
  take(all = false): PrintedLines[] {
    const taken: PrintedLines[] = [];
    for (const [key, { text, stream, call, label }] of this.#unfinished) {
      if (!all && !call?.settled) continue;
      this.#unfinished.delete(key);
      taken.push({ text: lineOf(text, label), stream });
    }
    return taken;
  }

  #labelOf(call: Call | undefined): string {
    if (call === undefined) return "worker";
    const id = this.#ids.of(call);
    return `${printable(call.name)}${id === undefined ? "" : ` #${id}`}`;
  }
}

function lineOf(text: string, label: string): string {
  return `${dim(`${label} │`)} ${cleaned(lastVersion(text))}\n`;
}

/** A line without what a carriage return has overwritten, as in bars of progress. */
function lastVersion(line: string): string {
  return line.split("\r").findLast((part) => part !== "") ?? "";
}

function cleaned(line: string): string {
  const parts = line.split(PASSED_ON);
  const text = parts.map((part, n) => n % 2 === 1 ? part : printable(part)).join("");
  return parts.some((part) => part.startsWith("\x1b")) ? text + RESET : text;
}
