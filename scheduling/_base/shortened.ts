/** Shortens texts to a line of a terminal. @module */

const MAX_TEXT = 72;

/** The text, cut to 72 characters. */
export function shortened(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
}
