/** The stream of a queue on the server. @module */

import { DiscardPolicy, RetentionPolicy, StorageType, type StreamInfo } from "@nats-io/jetstream";
import { pause } from "../../../scheduling/_base/time.ts";
import type { Store } from "../_wire/session_log.ts";
import type { Subjects } from "../_wire/subjects.ts";

// What a program that has crashed leaves on the server goes by age.
const MAX_AGE_NANOS = 24 * 3_600 * 1_000_000_000;
const EXISTS = [10_058, 10_065];
const ATTEMPTS = 20;
const PAUSE_MS = 50;

/** Makes the stream unless it exists. */
export async function ensureStream(
  { manager, stream }: Store,
  subjects: Subjects,
): Promise<StreamInfo> {
  try {
    return await manager.streams.add({
      name: stream,
      subjects: [subjects.logs],
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      discard: DiscardPolicy.New,
      max_age: MAX_AGE_NANOS,
      allow_direct: true,
    });
  } catch (error) {
    // Somebody has made it, with other limits or on several servers, or is making it now.
    if (!EXISTS.includes((error as { code?: number }).code ?? NaN)) throw error;
    return await retried(() => manager.streams.info(stream), error);
  }
}

/** Attempts until it succeeds; throws the given error if it does not. */
async function retried<T>(attempt: () => Promise<T>, error: unknown): Promise<T> {
  for (let count = 0; count < ATTEMPTS; count++) {
    try {
      return await attempt();
    } catch {
      await pause(PAUSE_MS);
    }
  }
  throw error;
}

/** Why the server cannot be used, with a remedy. */
export function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return /jetstream is not enabled/i.test(message)
    ? "it has no JetStream; start it with nats-server -js"
    : message;
}
