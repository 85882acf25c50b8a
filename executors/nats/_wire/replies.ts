/** Reads what the client and the other side answer. @module */

/** Whether a request has failed because nobody listens. */
export function hasNoResponders(error: unknown): boolean {
  // By its text, because a program may have several copies of the client.
  return /no responders/i.test((error as Error | undefined)?.message ?? "");
}

const FORBIDDEN = /permissions violation for (publish|subscription) to "([^"]*)"/i;

/** The error of a program whose user may not do what the program must; undefined for other errors. */
export function refusalOf(error: unknown): Error | undefined {
  const message = (error as Error | undefined)?.message ?? "";
  const [, action = "", subject = ""] = FORBIDDEN.exec(message) ?? [];
  // The server refuses late answers too, for which nobody waits.
  const isNeeded = /subscription/i.test(action) || /^(amltk|\$JS)\./.test(subject);
  if (!isNeeded) return undefined;
  const remedy = subject.startsWith("_INBOX.")
    ? "; if its answers have another prefix, name it: inboxPrefix of the connection, --inbox-prefix of nats-worker"
    : "";
  return new Error(`The NATS server forbids what this program must do: ${message}${remedy}`, {
    cause: error,
  });
}

/** Reads JSON; undefined for what is none. */
export function readJson<T>(data: Uint8Array): T | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(data));
  } catch {
    return undefined;
  }
}
