/**
 * Draws lines at the bottom of a terminal, below what the program prints.
 *
 * ```text
 *  what the program has printed
 *  an unfinished line of it          the tail
 *  ╭ the frame of a run     ╮
 *  │ a frame of another run │        the block, redrawn in place
 *  ╰                        ╯
 *  █                                 the cursor, between any two writes
 * ```
 *
 * Each redraw is one write, after which the terminal is in its normal state: nothing has to be restored,
 * however the program ends. When the program prints, the block is erased, so that the text appears where the
 * block began, and drawn again below it.
 *
 * @module
 */

import { callAfter, userNow, userTimers } from "../_base/time.ts";
import type { DisplayStream } from "../display_options.ts";
import type { Room } from "./_frame.ts";
import { listenToPrinting, type PrintListener, writeAll } from "./_printing.ts";
import { concat, Tail } from "./_tail.ts";
import { rowsOf } from "./_terminal_rows.ts";
import { cutTo } from "./_text.ts";

// Synchronized output shows a redraw at once; without autowrap, a line that is too long does no harm.
const BEGIN = "\x1b[?2026h\x1b[?7l";
const END = "\x1b[?7h\x1b[?2026l";
const ERASE_REST_OF_LINE = "\x1b[K";
const ERASE_BELOW = "\x1b[J";
const DOWN = "\x1b[B";
const LINE_END = "\r\n";
// For a stream that is another terminal than that of this program.
const USUAL_SIZE = { columns: 80, rows: 24 };
// A flood of printed lines must not cost a redraw each.
const REDRAW_MS = 10;
// While its user drags the border of a window, a terminal may wrap lines before it tells its new size.
const RESIZE_MS = 300;

const screens = new Map<DisplayStream, Screen>();

/**
 * The screen on a terminal, one for all runs: stdout and stderr of the program count as one terminal. It is in
 * use until `pane` is closed.
 */
export function screenOn(stream: DisplayStream, pane: object): Screen {
  const key = stream === Deno.stdout ? Deno.stderr : stream;
  const screen = screens.get(key) ?? new Screen(stream, () => screens.delete(key));
  screens.set(key, screen);
  screen.open(pane);
  return screen;
}

/** The bottom of one terminal. */
export class Screen implements PrintListener {
  readonly #stream: DisplayStream;
  readonly #closed: () => void;
  // The lines of each run.
  readonly #panes = new Map<object, readonly string[]>();
  readonly #timers = userTimers();
  readonly #tail = new Tail();
  readonly #stopListening: () => void;
  // The lines on the terminal; none while the program prints.
  #drawn: readonly string[] = [];
  #drawnColumns = 0;
  // The width of the terminal, and since when it is that.
  #width = { columns: 0, since: 0 };
  #drawnAt: number | undefined;
  #printingCount = 0;
  #isWriting = false;
  #isBroken = false;
  #cancelRedraw: (() => void) | undefined;

  /** @param closed Called after the last run. */
  constructor(stream: DisplayStream, closed: () => void) {
    this.#stream = stream;
    this.#closed = closed;
    this.#stopListening = listenToPrinting(this);
  }

  /** Makes room for a run. */
  open(pane: object): void {
    this.#panes.set(pane, []);
  }

  /** How much room each run has. */
  room(): Room {
    const { columns, rows } = sizeOfTerminal();
    const share = Math.floor((rows - 1) / this.#panes.size);
    // The last column stays free: there, erasing the rest of the line would erase a character.
    return { columns: columns - 1, rows: Math.max(1, share - 1) };
  }

  /** Draws the lines of a run in place of its earlier ones. */
  show(pane: object, lines: readonly string[]): void {
    this.#panes.set(pane, lines);
    this.#draw();
  }

  /** Leaves the last lines of a run above the block. */
  close(pane: object, lines: readonly string[]): void {
    this.#panes.delete(pane);
    if (this.#tail.isLong) this.#tail.end();
    const { columns } = sizeOfTerminal();
    const start = up(this.#rowsToTail(columns));
    this.#write(start, BEGIN, drawing(lines, columns), END, this.#tail.bytes);
    this.#drawn = [];
    if (this.#panes.size > 0) return this.#draw();
    this.#cancelRedraw?.();
    this.#stopListening();
    this.#closed();
  }

  printing(bytes?: Uint8Array): void {
    if (this.#isWriting) return;
    this.#printingCount++;
    if (this.#drawn.length > 0) this.#erase();
    this.#drawn = [];
    this.#tail.add(bytes);
  }

  printed(): void {
    if (this.#isWriting) return;
    this.#printingCount--;
    if (this.#printingCount > 0 || this.#cancelRedraw !== undefined) return;
    // What began to print before the end of the last run ends after it: the line belongs to the program.
    if (this.#panes.size === 0) return;
    this.#drawIn((this.#drawnAt ?? 0) + REDRAW_MS - userNow());
  }

  #drawIn(ms: number): void {
    if (ms <= 0) return this.#draw();
    this.#cancelRedraw?.();
    this.#cancelRedraw = callAfter(ms, () => this.#draw(), this.#timers);
  }

  #draw(): void {
    this.#cancelRedraw?.();
    this.#cancelRedraw = undefined;
    if (this.#printingCount > 0) return;
    const { columns, rows } = sizeOfTerminal();
    const settling = this.#settlingTime(columns);
    if (settling > 0) return this.#drawIn(settling);
    const lines = [...this.#panes.values()].filter(({ length }) => length > 0).flatMap(separated)
      .slice(0, rows - 1).map((line) => cutTo(line, columns - 1));
    // The tail is printed again when the block is erased.
    if (this.#tail.isLong || this.#tail.rows(columns) + lines.length >= rows) return;
    const start = this.#toBlock(columns, rows);
    this.#write(start, BEGIN, drawing(lines, columns), END);
    this.#drawn = lines;
    this.#drawnColumns = columns;
    this.#drawnAt = userNow();
  }

  /** For how long the width of the terminal is not certain. */
  #settlingTime(columns: number): number {
    const isFirst = this.#width.columns === 0;
    if (columns !== this.#width.columns) {
      this.#width = { columns, since: isFirst ? -Infinity : userNow() };
    }
    return this.#drawn.length === 0 ? 0 : this.#width.since + RESIZE_MS - userNow();
  }

  /** Moves the cursor to where the block begins. */
  #toBlock(columns: number, rows: number): string {
    const count = Math.min(rows - 1, this.#drawnRows(columns));
    // Rows that were wrapped would be joined when the terminal becomes wider.
    if (count > 0) return columns === this.#drawnColumns ? up(count) : erasing(count);
    if (!this.#tail.isEmpty) return LINE_END;
    return this.#drawnAt === undefined ? toEmptyLine(columns) : "\r";
  }

  /** Erases the block, and continues the tail. */
  #erase(): void {
    const { columns, rows } = sizeOfTerminal();
    const count = Math.min(rows - 1, this.#rowsToTail(columns));
    this.#write(BEGIN, erasing(count), END, this.#tail.bytes);
  }

  /** How many rows the tail begins above the cursor. */
  #rowsToTail(columns: number): number {
    const tailRows = this.#tail.rows(columns);
    return this.#drawn.length > 0 ? this.#drawnRows(columns) + tailRows : tailRows - 1;
  }

  #drawnRows(columns: number): number {
    return this.#drawn.reduce((sum, line) => sum + rowsOf(line, columns), 0);
  }

  // A display never fails a run: a terminal that has gone away is no longer drawn on.
  #write(...parts: readonly (string | Uint8Array)[]): void {
    if (this.#isBroken) return;
    this.#isWriting = true;
    try {
      const encoder = new TextEncoder();
      const bytes = parts.map((part) => typeof part === "string" ? encoder.encode(part) : part);
      writeAll(this.#stream, concat(...bytes));
    } catch {
      this.#isBroken = true;
    } finally {
      this.#isWriting = false;
    }
  }
}

function separated(lines: readonly string[], index: number): readonly string[] {
  return index === 0 || lines[0] === "" ? lines : ["", ...lines];
}

function sizeOfTerminal(): Room {
  try {
    const size = Deno.consoleSize();
    return size.columns > 0 && size.rows > 0 ? size : USUAL_SIZE;
  } catch {
    return USUAL_SIZE;
  }
}

/** The lines from where the cursor is, with all below them erased. */
function drawing(lines: readonly string[], columns: number): string {
  const rows = lines.map((line) => `${cutTo(line, columns - 1)}${ERASE_REST_OF_LINE}${LINE_END}`);
  return `${rows.join("")}${ERASE_BELOW}`;
}

/** Erases rows above the cursor, one by one: what is erased at once would stay in the history of some terminals. */
function erasing(rows: number): string {
  return `${up(rows)}${`${ERASE_REST_OF_LINE}${DOWN}`.repeat(rows)}${up(rows)}`;
}

function up(rows: number): string {
  return rows > 0 ? `\r\x1b[${rows}A` : "\r";
}

// The program may have printed an unfinished line before the first frame: the spaces end in the next row then.
function toEmptyLine(columns: number): string {
  return `${" ".repeat(columns - 1)}\r${ERASE_REST_OF_LINE}`;
}
