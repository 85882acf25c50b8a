/** The async callbacks that have not settled, by event and function, for statistics. @module */

import { now } from "../_base/time.ts";
import type { Callback } from "../_listener.ts";
import { functionName } from "../function.ts";
import type { CallbackUnderWay } from "../statistics.ts";

const MAX_GROUPS = 16;

interface Group {
  readonly since: number;
  count: number;
}

type Groups = Map<Callback | string, Group>;

/** Counts callbacks, so that asking costs nothing for each one. */
export class CallbacksUnderWay {
  readonly #events = new Map<string, Groups>();

  /** Counts a callback, or what is named in its place, until the returned function is called. */
  begin(event: string, callback: Callback | string): () => void {
    const groups = this.#events.get(event) ?? new Map();
    this.#events.set(event, groups);
    const group: Group = groups.get(callback) ?? { since: now(), count: 0 };
    groups.set(callback, group);
    group.count++;
    return () => {
      if (--group.count > 0) return;
      groups.delete(callback);
      if (groups.size === 0) this.#events.delete(event);
    };
  }

  /** The groups, the oldest first. */
  statistics(): CallbackUnderWay[] {
    return [...this.#events]
      .flatMap(([event, groups]) => [...groups].map((entry) => recordOf(event, ...entry)))
      .sort((a, b) => a.since - b.since)
      .slice(0, MAX_GROUPS);
  }
}

function recordOf(event: string, callback: Callback | string, group: Group): CallbackUnderWay {
  const name = typeof callback === "string" ? callback : functionName(callback as never);
  return { event, name: name || "(anonymous)", ...group };
}
