/** Turns the output streams of a process into texts. @module */

import { piecesOf } from "../_wire/pieces.ts";
import type { OutputTarget } from "./output.ts";

/** Takes a piece of text; resolves when the next one may follow. */
export type TakePiece = (text: string) => Promise<void>;

/** Decodes what was written to one stream, in pieces. */
export class OutputTexts implements OutputTarget {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #take: TakePiece;

  constructor(take: TakePiece) {
    this.#take = take;
  }

  async write(...parts: readonly Uint8Array[]): Promise<void> {
    for (const part of parts) await this.#pass(this.#decoder.decode(part, { stream: true }));
  }

  async end(): Promise<void> {
    await this.#pass(this.#decoder.decode());
  }

  async #pass(text: string): Promise<void> {
    for (const piece of piecesOf(text)) await this.#take(piece);
  }
}
