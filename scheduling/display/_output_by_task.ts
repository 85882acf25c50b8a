/** The last lines that calls have printed, by task. @module */

import { stripAnsiCode } from "@std/fmt/colors";
import type { OutputStream } from "../_base/printer.ts";
import type { Call } from "../executor.ts";
import { FutureIds } from "./_future_ids.ts";
import { count } from "./_text.ts";
import { type Markup, markup } from "./_html.ts";

/** How many lines are kept of each task. */
export const MAX_LINES = 20;
const MAX_LENGTH = 300;
const MAX_TASKS = 32;
const NO_CALL = "no call";
const OTHERS = "other tasks";

interface Line {
  /** The id of the future of the call, if it is known. */
  readonly future: number | undefined;
  readonly stream: OutputStream;
  text: string;
  /** Whether a line break has ended it. */
  ended: boolean;
}

/** Keeps the last lines of each task, in bounded memory. */
export class OutputByTask {
  readonly #tasks = new Map<string, TaskOutput>();
  readonly #ids = new FutureIds();

  /** Takes a text of any length: part of a line, or many. */
  add(text: string, stream: OutputStream, call: Call | undefined): void {
    const output = this.#outputOf(call === undefined ? NO_CALL : call.name);
    output.add(text, stream, this.#ids.of(call));
  }

  /** The last lines of each task that has printed, at most so many. */
  html(most: number): Markup {
    return markup`${[...this.#tasks].map(([task, output]) => output.html(task, most))}`;
  }

  #outputOf(name: string): TaskOutput {
    const key = this.#tasks.has(name) || this.#tasks.size < MAX_TASKS ? name : OTHERS;
    const known = this.#tasks.get(key);
    if (known !== undefined) return known;
    const output = new TaskOutput();
    this.#tasks.set(key, output);
    return output;
  }
}

class TaskOutput {
  readonly #lines: Line[] = [];
  #count = 0;

  add(text: string, stream: OutputStream, future: number | undefined): void {
    for (const part of text.split(/(?<=\n)/)) {
      if (part !== "") this.#addPart(part, stream, future);
    }
  }

  html(task: string, most: number): Markup {
    const lines = this.#lines.slice(-most);
    const total = this.#count === 1 ? "1 line" : `${count(this.#count)} lines`;
    const shown = this.#count > lines.length ? `, the last ${lines.length} are shown` : "";
    return markup`<details open><summary>Output of <strong>${task}</strong>
<span class="dim">(${total}${shown})</span></summary>
<pre class="log">${lines.map(lineHtml)}</pre></details>`;
  }

  #addPart(part: string, stream: OutputStream, future: number | undefined): void {
    const line =
      this.#lines.findLast((line) =>
        !line.ended && line.stream === stream && line.future === future
      ) ?? this.#begin(stream, future);
    line.ended = part.endsWith("\n");
    line.text = overwritten(line.text + (line.ended ? part.slice(0, -1) : part));
  }

  #begin(stream: OutputStream, future: number | undefined): Line {
    const line: Line = { future, stream, text: "", ended: false };
    this.#lines.push(line);
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
    this.#count++;
    return line;
  }
}

/** What a terminal would show of a line: a carriage return begins it anew. */
function overwritten(line: string): string {
  const begin = line.lastIndexOf("\r", line.length - 2) + 1;
  return line.slice(begin, begin + MAX_LENGTH);
}

function lineHtml({ future, stream, text }: Line, index: number): Markup {
  const from = future === undefined ? undefined : markup`<span class="dim">#${future}</span> `;
  const mark = stream === "stderr" ? markup`<span class="bad">stderr</span> ` : undefined;
  const lineBreak = index === 0 ? undefined : markup`\n`;
  return markup`${lineBreak}${from}${mark}${stripAnsiCode(text.replace(/\r$/, ""))}`;
}
