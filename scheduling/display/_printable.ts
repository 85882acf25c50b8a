/** Text of users as displays show it. @module */

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
