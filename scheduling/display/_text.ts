/** How displays write text, its width, durations and numbers. @module */

/** Colours a text. */
export type Paint = (text: string) => string;

// Control characters, what reorders or hides text, and halves of characters. Joiners stay: emoji need them.
const UNPRINTABLE = /[\p{Cc}\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\p{Cs}]/gu;
const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * The text in one line, with control characters, escape sequences and characters that change the direction
 * of text written out: `"\x1b"` becomes `"\\x1b"`.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => SHORT[character] ?? written(character));
}

function written(character: string): string {
  const code = character.charCodeAt(0).toString(16);
  return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
}

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
  if (fits(line, width)) return line;
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

function fits(line: string, width: number): boolean {
  let left = width;
  return pieces(line).every((piece) => {
    const kept = start(piece, left);
    left -= widthOfPiece(kept);
    return kept.length === piece.length;
  });
}

function pieces(line: string): string[] {
  return line.split(COLOR);
}

function widthOfPiece(piece: string): number {
  if (COLOR.test(piece)) return 0;
  if (ONE_COLUMN_EACH.test(piece)) return piece.length;
  let sum = 0;
  for (const grapheme of graphemes(piece)) sum += widthOfGrapheme(grapheme);
  return sum;
}

/** As much of a piece as fits; the rest of it, which may be long, is not looked at. */
function start(piece: string, width: number): string {
  if (COLOR.test(piece)) return piece;
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

function* graphemes(text: string): Generator<string, void, void> {
  segmenter ??= new Intl.Segmenter();
  for (const { segment } of segmenter.segment(text)) yield segment;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A duration in its two largest units, or with three digits: `"3.4 ms"`, `"2.31 s"`, `"1 h 5 min"`. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${withThreeDigits(ms)} ms`;
  if (ms < MINUTE - 50) return `${withThreeDigits(ms / SECOND)} s`;
  const seconds = Math.round(ms / SECOND) * SECOND;
  if (seconds < HOUR) return twoUnits(seconds, MINUTE, "min", SECOND, "s");
  return twoUnits(Math.round(ms / MINUTE) * MINUTE, HOUR, "h", MINUTE, "min");
}

/** How often something happens in a second: `"0.25/s"`, `"3,400/s"`. */
export function rate(perSecond: number): string {
  const text = perSecond < 100 ? withThreeDigits(perSecond) : count(Math.round(perSecond));
  return `${text}/s`;
}

/** A number with separators: `"1,000,000"`. */
export function count(number: number): string {
  return number.toLocaleString("en");
}

function twoUnits(ms: number, large: number, name: string, small: number, rest: string): string {
  return `${Math.floor(ms / large)} ${name} ${Math.floor((ms % large) / small)} ${rest}`;
}

function withThreeDigits(number: number): string {
  if (number < 0.001) return "0";
  return String(Number(number.toPrecision(number < 1 ? 2 : 3)));
}
