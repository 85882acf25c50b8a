/** Reads what the client and the other side answer. @module */

/** Whether a request has failed because nobody listens. */
export function hasNoResponders(error: unknown): boolean {
  // By its text, because a program may have several copies of the client.
  return /no responders/i.test((error as Error | undefined)?.message ?? "");
}

/** Reads JSON; undefined for what is none. */
export function readJson<T>(data: Uint8Array): T | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(data));
  } catch {
    return undefined;
  }
}
