/** Builds HTML in which every inserted text is escaped: templates, tables, and the frame of it all. @module */

import { count, printable } from "./_text.ts";

/** What a template of HTML takes between its parts. Lists are joined; undefined inserts nothing. */
export type Content = string | number | Markup | undefined | readonly Content[];

/** A piece of HTML, made by `markup` alone. */
export class Markup {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** The template tag; import it as `markup`. */
  static of(parts: TemplateStringsArray, ...contents: Content[]): Markup {
    return new Markup(String.raw({ raw: parts }, ...contents.map(inserted)));
  }

  toString(): string {
    return this.#text;
  }
}

/**
 * A template tag: the template is HTML; what is inserted into it is text, for elements and for quoted
 * attributes alike.
 */
export function markup(parts: TemplateStringsArray, ...contents: Content[]): Markup {
  return Markup.of(parts, ...contents);
}

function inserted(content: Content): string {
  if (content === undefined) return "";
  if (content instanceof Markup) return content.toString();
  if (typeof content === "object") return content.map(inserted).join("");
  return escaped(`${content}`);
}

// HTML forbids them, even as references.
const NOT_IN_HTML = /\p{Noncharacter_Code_Point}/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return withEntities(printable(text).replace(NOT_IN_HTML, "\ufffd"));
}

/** The text without what has a meaning in HTML and XML. */
export function withEntities(text: string): string {
  return text.replace(/[&<>"']/g, (found) => ENTITIES[found] ?? "");
}

// --- the frame

// The page decides about text and background, in light and in dark. So lines and dim texts are
// translucent, and colours are mixed with that of the text, which makes them darker in light pages
// and lighter in dark ones. Two classes outrank the rules of notebooks for tables.
const STYLE: Markup = markup`<style>
.amltk-view.amltk-view {
  --line: color-mix(in srgb, currentColor 22%, transparent);
  --good: color-mix(in oklab, #1a8a3c 72%, currentColor);
  --bad: color-mix(in oklab, #d02c2c 72%, currentColor);
  --busy: color-mix(in oklab, #1f6fd0 72%, currentColor);
  font-family: var(--jp-ui-font-family, system-ui, sans-serif);
  font-size: 13px;
  line-height: 1.5;
  font-variant-numeric: tabular-nums;
  & p { margin: 0 0 6px; }
  & .title { font-size: 15px; }
  & table { border-collapse: collapse; margin: 0 0 10px; font-size: inherit; table-layout: auto; }
  & caption { caption-side: top; text-align: left; font-weight: 600; padding: 4px 0; color: inherit; }
  & th, & td {
    border: 0 solid var(--line); border-bottom-width: 1px; padding: 2px 14px 2px 0;
    text-align: left; vertical-align: top; font-weight: normal; max-width: 36em;
    overflow-wrap: anywhere; white-space: normal;
  }
  & thead th { opacity: .75; vertical-align: bottom; }
  & tbody th { font-weight: 600; }
  & tr:nth-child(n) { background: none; }
  & tfoot th, & tfoot td { border-bottom-width: 0; }
  & .number { text-align: right; white-space: nowrap; }
  & code, & pre { font-family: var(--jp-code-font-family, ui-monospace, monospace); font-size: 12px;
    background: none; color: inherit; padding: 0; border: 0; }
  & pre { margin: 4px 0 6px; white-space: pre-wrap; overflow-wrap: anywhere; }
  & details { margin: 0 0 6px; }
  & details details { margin-left: 16px; }
  & summary { cursor: pointer; }
  & ul { margin: 2px 0 6px; padding-left: 20px; list-style: disc; }
  & .dim { opacity: .7; }
  & .good { color: var(--good); }
  & .bad { color: var(--bad); font-weight: 600; }
  & .busy { color: var(--busy); }
  & progress { width: 9em; height: .8em; vertical-align: middle; accent-color: #1f6fd0; }
  & svg { max-width: 100%; border-bottom: 1px solid var(--line); }
  & .queued { fill: var(--busy); color: var(--busy); opacity: .4; }
  & .running { fill: var(--busy); color: var(--busy); }
  & .log { border-left: 3px solid var(--line); padding-left: 8px; }
}
</style>`;

/** HTML that can stand anywhere in a page: it has its own style, which nothing outside of it gets. */
export function framed(...contents: Content[]): string {
  return markup`<div class="amltk-view">${STYLE}${contents}</div>`.toString();
}

// --- tables

/** A column of a table. */
export interface Column<T> {
  readonly head: string;
  /** What it shows of a row. */
  readonly cell: (row: T) => Content;
  /** Whether it is aligned to the right. */
  readonly isNumber?: boolean;
}

// A browser could show more, but nobody would read them.
const MAX_ROWS = 64;

/**
 * A table whose columns and rows have headers: the first cell is that of its row. Without rows there is
 * none. `total` is a last row below a line.
 */
export function table<T>(
  caption: string,
  rows: readonly T[],
  columns: readonly Column<T>[],
  total?: T,
): Markup | undefined {
  if (rows.length === 0 && total === undefined) return undefined;
  return markup`<table><caption>${caption}</caption>
<thead><tr>${columns.map(headOf)}</tr></thead>
<tbody>${rows.slice(0, MAX_ROWS).map((row) => rowOf(row, columns))}${
    moreThan(rows.length, columns.length)
  }</tbody>
${total && markup`<tfoot>${rowOf(total, columns)}</tfoot>`}</table>`;
}

/** A table of names and values, without those that are undefined; nothing if none is left. */
export function facts(
  rows: readonly (readonly [name: string, value: Content])[],
): Markup | undefined {
  const known = rows.filter(([, value]) => value !== undefined);
  if (known.length === 0) return undefined;
  return markup`<table><tbody>${known.map(factOf)}</tbody></table>`;
}

function factOf([name, value]: readonly [string, Content]): Markup {
  return markup`<tr><th scope="row">${name}</th><td>${value}</td></tr>`;
}

function headOf<T>({ head, isNumber }: Column<T>): Markup {
  return isNumber
    ? markup`<th scope="col" class="number">${head}</th>`
    : markup`<th scope="col">${head}</th>`;
}

function rowOf<T>(row: T, [first, ...others]: readonly Column<T>[]): Markup {
  const cells = others.map(({ cell, isNumber }) =>
    isNumber ? numberHtml(cell(row)) : markup`<td>${cell(row)}</td>`
  );
  return markup`<tr><th scope="row">${first?.cell(row)}</th>${cells}</tr>`;
}

function numberHtml(content: Content): Markup {
  return markup`<td class="number">${typeof content === "number" ? count(content) : content}</td>`;
}

function moreThan(rows: number, columns: number): Markup | undefined {
  if (rows <= MAX_ROWS) return undefined;
  return markup`<tr><td colspan="${columns}">and ${count(rows - MAX_ROWS)} more</td></tr>`;
}
