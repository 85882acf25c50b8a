/** Texts that fit into a line of a terminal. @module */

const MAX_TEXT = 72;

/** The text as far as it fits. */
export function shortened(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
}
