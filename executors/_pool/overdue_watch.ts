/** Looks after workers whose calls take longer than expected. @module */

import { callAfter } from "../../scheduling/_base/time.ts";
import type { WorkerSlot } from "./worker_slot.ts";

const INTERVAL_MS = 5;

/** Looks at the workers of a pool again and again, as long as one of them needs it. */
export class OverdueWatch {
  readonly #slots: ReadonlySet<WorkerSlot>;
  readonly #look: () => void;
  #stop: (() => void) | undefined;

  constructor(slots: ReadonlySet<WorkerSlot>, look: () => void) {
    this.#slots = slots;
    this.#look = look;
  }

  /** Starts to look, if it does not already. */
  watch(): void {
    if (this.#stop !== undefined || !this.#isNeeded) return;
    this.#stop = callAfter(INTERVAL_MS, () => {
      this.#stop = undefined;
      this.#look();
      this.watch();
    });
  }

  /** Stops looking. */
  close(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  get #isNeeded(): boolean {
    for (const slot of this.#slots) if (slot.needsWatch) return true;
    return false;
  }
}
