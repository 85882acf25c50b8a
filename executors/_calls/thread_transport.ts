/** Carries batches to a thread, which shares memory with the pool. @module */

import process from "node:process";
import { checkObjects } from "../../scheduling/_base/medium.ts";
import { MemoryProgress } from "../_progress/in_shared_memory.ts";
import { boxed, type Outcome, unboxed } from "../_wire/protocol.ts";
import { BATCHES, type BatchTransport } from "./batch_transport.ts";
import type { SendCommand } from "./sent_to_worker.ts";

/** Arguments and outcomes that memory cannot hold cross by a port that can be read at any time. */
export class ThreadTransport implements BatchTransport {
  readonly progress: readonly MemoryProgress[];
  // Not imported statically, so that it loads while the worker starts.
  readonly #receive = process.getBuiltinModule("node:worker_threads").receiveMessageOnPort;
  readonly #command: SendCommand;
  #port: MessagePort | undefined;
  #corrupted = false;

  constructor(command: SendCommand) {
    this.#command = command;
    const next = () => this.#nextOutcome();
    this.progress = Array.from({ length: BATCHES }, () => new MemoryProgress(next));
  }

  get corrupted(): boolean {
    return this.#corrupted;
  }

  open(): void {
    if (this.#port !== undefined) return;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const buffers = this.progress.map(({ memory }) => memory.buffer);
    this.#command({ type: "connect", start: { buffers, port: port2 } }, [port2]);
  }

  checkArgs(args: readonly unknown[], moved: readonly Transferable[]): void {
    checkObjects(args, moved);
  }

  postArgs(args: readonly unknown[]): void {
    this.#port?.postMessage(boxed(args));
  }

  flush(): void {}

  readonly isWaiting = false;

  // Nothing needs it, because threads report by memory.
  readonly nextMessage = 0;

  halt(): undefined {}

  receive(): void {}

  stopWaiting(): void {}

  close(): void {
    this.#port?.close();
  }

  #nextOutcome(): Outcome | undefined {
    let received: { readonly message: unknown } | undefined;
    try {
      received = this.#receive(this.#port as never);
    } catch (unreadable) {
      return { ok: false, unreadable };
    }
    const outcome = received && unboxed(received.message) as Outcome | undefined;
    this.#corrupted ||= outcome === undefined;
    return outcome;
  }
}
