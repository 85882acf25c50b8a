/** Runs the calls of a worker that takes one at a time. @module */

import type { CallLimits } from "../../scheduling/limits.ts";
import { transfer } from "../_wire/comlink.ts";
import type { CallMessage, Outcome } from "../_wire/protocol.ts";
import type { Channels } from "./channels.ts";
import { transferablesOfOutcome, type WorkerRuntime } from "./runtime.ts";

/** Watches the limits of a call. */
export interface CallWatchdog {
  begin(limits: CallLimits): void;
  end(): void;
}

/** Runs one call after the other. */
export class SingleRunner {
  readonly #runtime: WorkerRuntime;
  readonly #channels: Channels;
  readonly #watchdog: CallWatchdog | undefined;
  readonly #onStart: () => void;
  #functionId = 0;
  #running = false;

  /** `onStart` is called when a call starts. */
  constructor(
    runtime: WorkerRuntime,
    channels: Channels,
    watchdog: CallWatchdog | undefined,
    onStart: () => void,
  ) {
    this.#runtime = runtime;
    this.#channels = channels;
    this.#watchdog = watchdog;
    this.#onStart = onStart;
  }

  /** Whether a call is running. */
  get running(): boolean {
    return this.#running;
  }

  async run(message: CallMessage): Promise<Outcome> {
    this.#runtime.check(message.functionId);
    this.#functionId = message.functionId;
    if (this.#runtime.preparing !== undefined) await this.#runtime.preparing;
    if (message.channel !== undefined) await this.#channels.load();
    this.#onStart();
    this.#running = true;
    this.#watchdog?.begin(message.limits);
    const outcome = await this.#runtime.run(message);
    this.#runtime.onCallEnd?.();
    this.#watchdog?.end();
    this.#running = false;
    const moved = transferablesOfOutcome(outcome);
    return moved.length > 0 ? transfer(outcome, [...moved]) : outcome;
  }

  /** The outcome to send instead of one of the last call that cannot be sent. */
  unsendable(outcome: Outcome, cause: unknown): Outcome {
    return this.#runtime.unsendable(this.#functionId, outcome, cause);
  }
}
