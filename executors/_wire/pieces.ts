/** Cuts long texts, so that none fills the memory on its way. @module */

/** How many UTF-16 code units a piece of printed text has at most. */
const MAX_PIECE_LENGTH = 16_384;

/** The pieces of a text, in order. No piece ends in the middle of a character. */
export function* piecesOf(text: string): Generator<string, void, void> {
  for (let start = 0; start < text.length;) {
    const end = endOfPiece(text, start);
    yield text.slice(start, end);
    start = end;
  }
}

function endOfPiece(text: string, start: number): number {
  const end = start + MAX_PIECE_LENGTH;
  if (end >= text.length) return text.length;
  return isPair(text, end - 1) ? end - 1 : end;
}

// Whether a character of two code units begins at this index.
function isPair(text: string, index: number): boolean {
  return (text.codePointAt(index) ?? 0) > 0xffff;
}
