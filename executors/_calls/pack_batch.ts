/** Makes the calls of a batch one message. @module */

import type { Call } from "../../scheduling/executor.ts";
import { checkObjects, isPrimitive } from "../_wire/medium.ts";
import type { Refused } from "./batch.ts";
import type { SettledCall } from "./in_flight.ts";
import {
  type BatchMessage,
  type Column,
  SEPARATE_MESSAGE,
  type SharedPlace,
} from "../_wire/protocol.ts";
import type { SentToWorker } from "./sent_to_worker.ts";

/** A batch that is ready to be sent. */
export interface PackedBatch {
  readonly calls: readonly Call[];
  readonly refused: readonly Refused[];
  readonly message: Omit<BatchMessage, "memory" | "reportsStart">;
}

interface Columns {
  readonly functionIds: number[];
  readonly counts: number[];
  readonly args: unknown[];
  readonly places: Map<number, readonly SharedPlace[]>;
  messages: number;
}

/** Packs calls for a worker; `post` sends the arguments of a call in a message of their own. */
export function pack(
  calls: readonly Call[],
  sent: SentToWorker,
  post: (args: readonly unknown[]) => void,
): PackedBatch {
  const packed: Call[] = [];
  const refused: Refused[] = [];
  const columns: Columns = {
    functionIds: [],
    counts: [],
    args: [],
    places: new Map(),
    messages: 0,
  };
  for (const call of calls) {
    try {
      // Either may throw, and the columns must not differ in length.
      const id = sent.ensureFunction(call.function);
      columns.counts.push(packArgs(call));
      columns.functionIds.push(id);
      packed.push(call);
    } catch (unsent) {
      refused.push({ at: packed.length, settled: refusal(call, { unsent }) });
    }
  }
  return { calls: packed, refused, message: toMessage(columns) };

  function packArgs({ args, transfer }: Call): number {
    if (args.every(isPrimitive)) return append(columns.args, args);
    const { args: others, places } = sent.extractShared(args);
    checkObjects(others, transfer);
    const count = calls.length === 1 || others.every(isPrimitive)
      ? append(columns.args, others)
      : postArgs(others);
    if (places.length > 0) columns.places.set(packed.length, places);
    return count;
  }

  function postArgs(args: readonly unknown[]): typeof SEPARATE_MESSAGE {
    post(args);
    columns.messages++;
    return SEPARATE_MESSAGE;
  }
}

/** What a call came to that could not be sent. */
export function refusal(call: Call, outcome: { readonly unsent: unknown }): SettledCall {
  return { call, outcome: { ok: false, ...outcome }, startedAt: undefined };
}

function toMessage(columns: Columns): PackedBatch["message"] {
  const { functionIds, counts, args, places, messages } = columns;
  return {
    functionIds: column(functionIds),
    counts: column(counts),
    args,
    messages,
    ...(places.size > 0 ? { places } : {}),
  };
}

// One value stands for all where they are the same, as they mostly are.
function column(values: readonly number[]): Column<number> {
  const [first] = values;
  return first !== undefined && values.every((value) => value === first) ? first : values;
}

function append(all: unknown[], some: readonly unknown[]): number {
  all.push(...some);
  return some.length;
}
