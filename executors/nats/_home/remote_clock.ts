/** Converts times between the clocks of two programs. @module */

import type { TimedAck } from "./command_sender.ts";

// So many answers are an hour of pings.
const KEPT = 3_600;

/**
 * Knows how far the clock of a worker is from that of this program, to half of the quickest round trip: an
 * answer was given at some time between question and answer.
 */
export class RemoteClock {
  #count = 0;
  #quickest = Infinity;
  #offset = 0;

  /** Takes what a worker has answered. */
  observe({ askedAt, answeredAt, clock }: TimedAck): void {
    // Clocks drift.
    if (++this.#count % KEPT === 0) this.#quickest = Infinity;
    const roundTrip = answeredAt - askedAt;
    if (roundTrip > this.#quickest) return;
    this.#quickest = roundTrip;
    this.#offset = (askedAt + answeredAt) / 2 - clock;
  }

  /** A time of the worker on the clock of this program, between two times that it cannot be outside of. */
  toLocal(time: number, earliest: number, latest: number): number {
    return Math.min(Math.max(time + this.#offset, earliest), latest);
  }
}
