/** How many columns of a terminal text takes. @module */

const ONE_COLUMN_EACH = /^[\x20-\x7e─━│├└╭╮╰╯…█░▏▎▍▌▋▊▉]*$/;
// Escape sequences of colours, which take none.
// deno-lint-ignore no-control-regex -- what colours text
const COLOR = /(\x1b\[[\d;]*m)/;
const TWO_COLUMNS =
  /^(?![\uff61-\uffdc])[\p{sc=Han}\p{sc=Hangul}\p{sc=Hiragana}\p{sc=Katakana}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6\p{Emoji_Presentation}]|\ufe0f/u;
const NO_COLUMN = /^[\p{Mn}\p{Me}\p{Cf}]/u;

let segmenter: Intl.Segmenter | undefined;

/** The columns of one line, which may be coloured. */
export function widthOf(line: string): number {
  return pieces(line).reduce((sum, piece) => sum + widthOfPiece(piece), 0);
}

/** The line, cut so that it takes at most so many columns, with "…" in place of what is missing. */
export function cutTo(line: string, width: number): string {
  if (line.length <= width && ONE_COLUMN_EACH.test(line)) return line;
  if (widthOf(line) <= width) return line;
  let left = width - 1;
  let isCut = false;
  return pieces(line).map((piece) => {
    if (COLOR.test(piece)) return piece;
    if (isCut) return "";
    const kept = start(piece, left);
    left -= widthOfPiece(kept);
    isCut = kept.length < piece.length;
    return isCut ? `${kept}…` : kept;
  }).join("");
}

function pieces(line: string): string[] {
  return line.split(COLOR);
}

function widthOfPiece(piece: string): number {
  if (COLOR.test(piece)) return 0;
  if (ONE_COLUMN_EACH.test(piece)) return piece.length;
  return graphemes(piece).reduce((sum, grapheme) => sum + widthOfGrapheme(grapheme), 0);
}

function start(piece: string, width: number): string {
  let left = width;
  const kept: string[] = [];
  for (const grapheme of graphemes(piece)) {
    left -= widthOfGrapheme(grapheme);
    if (left < 0) break;
    kept.push(grapheme);
  }
  return kept.join("");
}

function widthOfGrapheme(grapheme: string): number {
  if (NO_COLUMN.test(grapheme)) return 0;
  return TWO_COLUMNS.test(grapheme) ? 2 : 1;
}

function graphemes(text: string): string[] {
  segmenter ??= new Intl.Segmenter();
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}
