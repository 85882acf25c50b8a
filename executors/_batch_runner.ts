/** The worker's side of batches: claims their calls one by one, and tells what each came to. @module */

import { LaneMemory } from "./_lane_memory.ts";
import type { BatchMessage, CallPlace, Outcome, SendOutcome } from "./_protocol.ts";
import { transferablesOfOutcome, type WorkerRuntime } from "./_worker_runtime.ts";

/** Runs batches, one after the other. */
export class BatchRunner {
  readonly #runtime: WorkerRuntime;
  #lanes: readonly LaneMemory[] = [];
  #outcomes: MessagePort | undefined;
  #last: Promise<void> = Promise.resolve();
  #lane = 0;
  #index = -1;

  constructor(runtime: WorkerRuntime) {
    this.#runtime = runtime;
  }

  /** The call that is being run. */
  get place(): CallPlace | undefined {
    return this.#index < 0 ? undefined : { lane: this.#lane, index: this.#index };
  }

  /** Runs a batch after those before it; never rejects. */
  async run(message: BatchMessage): Promise<SendOutcome> {
    if (message.open !== undefined) {
      this.#lanes = message.open.buffers.map((buffer) => new LaneMemory(buffer));
      this.#outcomes = message.open.outcomes;
    }
    for (const [id, source] of message.functions) this.#runtime.learn(id, source);
    this.#last = this.#last.then(() => this.#runCalls(message));
    await this.#last;
    return { ok: true };
  }

  async #runCalls({ lane, functionIds, args }: BatchMessage): Promise<void> {
    const memory = this.#lanes[lane];
    if (memory === undefined) return;
    this.#lane = lane;
    memory.begin(now());
    for (let index = memory.claim(); index >= 0; index = memory.claim()) {
      this.#index = index;
      const id = typeof functionIds === "number" ? functionIds : functionIds[index] ?? 0;
      try {
        const callable = this.#runtime.known(id) ?? await this.#runtime.load(id);
        const returned = callable(...args[index] ?? []);
        const value = isThenable(returned) ? await returned : returned;
        if (!memory.keep(index, value)) this.#tell(memory, { ok: true, value }, id);
      } catch (error) {
        this.#tell(memory, this.#runtime.failure(id, error), id);
      }
      memory.end(index, now());
    }
    this.#index = -1;
  }

  // At once, for a worker that is ended must not take along what its calls before have come to.
  #tell(memory: LaneMemory, outcome: Outcome, id: number): void {
    memory.told(this.#index);
    try {
      this.#outcomes?.postMessage(outcome, [...transferablesOfOutcome(outcome)]);
    } catch (cause) {
      this.#outcomes?.postMessage(this.#runtime.unsendable(id, outcome, cause));
    }
  }
}

// Workers have clocks of their own.
function now(): number {
  return performance.timeOrigin + performance.now();
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (typeof value === "object" || typeof value === "function") && value !== null &&
    typeof (value as { then?: unknown }).then === "function";
}
