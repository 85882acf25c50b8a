/** Connects the batches of a thread, which shares memory with the pool. @module */

import type { receiveMessageOnPort } from "node:worker_threads";
import { checkObjects } from "../../scheduling/_base/medium.ts";
import { BatchMemory } from "../_progress/in_shared_memory.ts";
import {
  type BatchMessage,
  boxed,
  type Outcome,
  type ThreadStart,
  unboxed,
} from "../_wire/protocol.ts";
import type { Arguments, BatchConnection } from "./batch_connection.ts";
import { transferablesOfOutcome } from "./runtime.ts";

// Kept, because tasks may replace it.
const post: (port: MessagePort, message: unknown, transfer?: Transferable[]) => void = Function
  .prototype.call.bind(MessagePort.prototype.postMessage);

/** Memories for what has begun and ended, and a port for what they cannot hold. */
export class ThreadBatches implements BatchConnection {
  readonly #memories: readonly BatchMemory[];
  readonly #port: MessagePort;
  #receive: typeof receiveMessageOnPort | undefined;

  constructor({ buffers, port }: ThreadStart) {
    this.#memories = buffers.map((buffer) => new BatchMemory(buffer));
    this.#port = port;
  }

  progressOf(place: number): BatchMemory {
    const memory = this.#memories[place];
    if (memory === undefined) throw new Error(`There is no batch memory ${place}`);
    return memory;
  }

  prepare({ messages }: BatchMessage): Promise<void> | undefined {
    return messages > 0 && this.#receive === undefined ? this.#load() : undefined;
  }

  // Imported on demand, because it takes some milliseconds.
  async #load(): Promise<void> {
    this.#receive = (await import("node:worker_threads")).receiveMessageOnPort;
  }

  nextArguments(): Arguments {
    let received: ReturnType<typeof receiveMessageOnPort>;
    try {
      received = this.#receive?.(this.#port as never);
    } catch (unread) {
      return { unread };
    }
    return unboxed(received?.message) as readonly unknown[];
  }

  send(outcome: Outcome): void {
    const moved = transferablesOfOutcome(outcome);
    if (outcome.ok && "value" in outcome) checkObjects(outcome.value, moved);
    post(this.#port, boxed(outcome), [...moved]);
  }
}
