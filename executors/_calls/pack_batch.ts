/** Packs the calls of a batch into one message. @module */

import type { Call } from "../../scheduling/executor.ts";
import { isPrimitive } from "../../scheduling/_base/medium.ts";
import type { BatchTransport } from "./batch_transport.ts";
import type { SettledCall } from "./in_flight.ts";
import {
  type BatchMessage,
  type Column,
  NO_FUNCTION,
  SEPARATE_MESSAGE,
  type SharedPlace,
} from "../_wire/protocol.ts";
import type { SentToWorker } from "./sent_to_worker.ts";

const MAX_SHORT = 2 ** 10;

/** A batch that is ready to be sent. */
export interface PackedBatch {
  /** The calls that cannot be sent, each at its index in the batch. */
  readonly refused: readonly (SettledCall | undefined)[];
  readonly message: Omit<BatchMessage, "batch" | "reportsStart">;
}

/** Packs calls for a worker. */
export function pack(
  calls: readonly Call[],
  sent: SentToWorker,
  transport: BatchTransport,
): PackedBatch {
  const packer = new Packer(sent, transport, calls.length === 1);
  for (const call of calls) packer.add(call);
  return packer.pack();
}

class Packer {
  readonly #sent: SentToWorker;
  readonly #transport: BatchTransport;
  readonly #isSingle: boolean;
  readonly #functionIds: number[] = [];
  readonly #counts: number[] = [];
  readonly #args: unknown[] = [];
  readonly #places = new Map<number, readonly SharedPlace[]>();
  readonly #refused: SettledCall[] = [];
  #messages = 0;

  constructor(sent: SentToWorker, transport: BatchTransport, isSingle: boolean) {
    this.#sent = sent;
    this.#transport = transport;
    this.#isSingle = isSingle;
  }

  add(call: Call): void {
    const index = this.#counts.length;
    let functionId = NO_FUNCTION;
    let count = 0;
    try {
      const id = this.#sent.ensureFunction(call.function);
      count = this.#addArgs(call, index);
      functionId = id;
    } catch (unsent) {
      this.#refused[index] = refusal(call, { unsent });
    }
    this.#functionIds.push(functionId);
    this.#counts.push(count);
  }

  pack(): PackedBatch {
    const message = {
      count: this.#counts.length,
      functionIds: column(this.#functionIds),
      counts: column(this.#counts),
      args: this.#args,
      messages: this.#messages,
      ...(this.#places.size > 0 ? { places: this.#places } : {}),
    };
    return { refused: this.#refused, message };
  }

  #addArgs({ args, transfer }: Call, index: number): number {
    if (args.every(this.#isSingle ? isPrimitive : isShort)) return this.#append(args);
    const { args: others, places } = this.#sent.extractShared(args);
    this.#transport.checkArgs(others, transfer);
    const inRow = this.#isSingle || others.every(isShort);
    const count = inRow ? this.#append(others) : this.#postArgs(others);
    if (places.length > 0) this.#places.set(index, places);
    return count;
  }

  #append(args: readonly unknown[]): number {
    for (const arg of args) this.#args.push(arg);
    return args.length;
  }

  #postArgs(args: readonly unknown[]): typeof SEPARATE_MESSAGE {
    this.#transport.postArgs(args);
    this.#messages++;
    return SEPARATE_MESSAGE;
  }
}

// Longer values cross in messages of their own: a batch of them could exceed the size of a message.
function isShort(value: unknown): boolean {
  if (typeof value === "string") return value.length <= MAX_SHORT;
  if (typeof value === "bigint") return value === BigInt.asIntN(64, value);
  return isPrimitive(value);
}

/** The outcome of a call that could not be sent. */
export function refusal(call: Call, outcome: { readonly unsent: unknown }): SettledCall {
  return { call, outcome: { ok: false, ...outcome }, startedAt: undefined };
}

// Most columns hold one value throughout, which then stands for all.
function column(values: readonly number[]): Column<number> {
  const [first] = values;
  return first !== undefined && values.every((value) => value === first) ? first : values;
}
