/** Draws what a terminal shows as SVG. @module */

// A cell of the grid, in pixels.
const CELL = { width: 8.4, height: 19 };
const MARGIN = 14;
const BACKGROUND = "#16181d";
const TEXT = "#d8dbe2";
// The colours 0 to 7 of a terminal, which stay apart for the colour-blind on this background.
const COLORS = ["#16181d", "#ff7b72", "#7ee787", "#e8c35a", "#79b8ff", "#d2a8ff", "#76d9e6", TEXT];
const DIM = "#8b93a1";

interface Style {
  color: string | undefined;
  bold: boolean;
  dim: boolean;
}

interface Span extends Style {
  readonly column: number;
  readonly text: string;
}

/** The lines of a terminal, with the escape sequences of their colours, as a picture. */
export function terminalSVG(lines: readonly string[], title: string): string {
  const rows = lines.map(spansOf);
  const columns = Math.max(...rows.flat().map(({ column, text }) => column + text.length), 1);
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
  const height = Math.ceil(rows.length * CELL.height + 2 * MARGIN);
  const texts = rows.flatMap((spans, row) => spans.map((span) => textOf(span, row)));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}" ` +
    `font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14">\n` +
    `<title>${escaped(title)}</title>\n` +
    `<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>\n${texts.join("\n")}\n</svg>\n`;
}

function spansOf(line: string): Span[] {
  const style: Style = { color: undefined, bold: false, dim: false };
  const spans: Span[] = [];
  let column = 0;
  // deno-lint-ignore no-control-regex -- what colours text
  for (const [, codes, text] of line.matchAll(/\x1b\[([\d;]*)m|([^\x1b]+)/g)) {
    if (text === undefined) applyCodes(style, codes ?? "");
    else {
      spans.push({ ...style, column, text });
      column += text.length;
    }
  }
  return spans.filter(({ text }) => text.trim() !== "");
}

function applyCodes(style: Style, codes: string): void {
  for (const code of codes.split(";").map(Number)) {
    if (code === 0) Object.assign(style, { color: undefined, bold: false, dim: false });
    if (code === 1) style.bold = true;
    if (code === 2) style.dim = true;
    if (code === 22) Object.assign(style, { bold: false, dim: false });
    if (code === 39) style.color = undefined;
    if (code >= 30 && code <= 37) style.color = COLORS[code - 30];
    if (code >= 90 && code <= 97) style.color = code === 90 ? DIM : COLORS[code - 90];
  }
}

// The length is given, so that columns stay aligned in any font.
function textOf({ column, text, color, bold, dim }: Span, row: number): string {
  const x = (MARGIN + column * CELL.width).toFixed(1);
  const y = (MARGIN + row * CELL.height + 14).toFixed(1);
  const length = (text.length * CELL.width).toFixed(1);
  const fill = color ?? (dim ? DIM : TEXT);
  const weight = bold ? ' font-weight="bold"' : "";
  const opacity = dim && color !== undefined ? ' opacity="0.75"' : "";
  return `<text x="${x}" y="${y}" textLength="${length}" xml:space="preserve" ` +
    `fill="${fill}"${weight}${opacity}>${escaped(text)}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
