/** The sessions of a run. @module */

import type { Call } from "../../../scheduling/executor.ts";
import { now } from "../../../scheduling/_base/time.ts";
import type { SentCall } from "./sent_calls.ts";
import type { Session } from "./session.ts";

// A worker that has nothing to do gets calls that wait at another one for longer.
const OVERDUE_MS = 1_000;

/** Sessions by their ids. */
export class SessionSet {
  readonly #byId = new Map<string, Session>();

  get size(): number {
    return this.#byId.size;
  }

  /** How many calls they may run at a time. */
  get slots(): number {
    let slots = 0;
    for (const session of this) slots += session.usableSlots;
    return slots;
  }

  [Symbol.iterator](): IterableIterator<Session> {
    return this.#byId.values();
  }

  get(id: string): Session | undefined {
    return this.#byId.get(id);
  }

  add(session: Session): void {
    this.#byId.set(session.id, session);
  }

  /** Removes a session; returns whether it was there. */
  delete(session: Session): boolean {
    return this.#byId.delete(session.id);
  }

  /** The session that has a call. */
  holding(call: Call): { readonly session: Session; readonly sent: SentCall } | undefined {
    for (const session of this) {
      const sent = session.calls.of(call);
      if (sent !== undefined) return { session, sent };
    }
    return undefined;
  }

  /** Why the server does not store what is written, if it says so to one of them. */
  get trouble(): string | undefined {
    for (const { trouble } of this) if (trouble !== undefined) return trouble;
    return undefined;
  }

  /** Whether a session takes calls, or is about to. */
  get isServing(): boolean {
    return [...this].some((session) => session.isServing);
  }

  /** Whether there is a session that can take a call, perhaps later. */
  suit(call: Call): boolean {
    return [...this].some((session) => session.isServing && session.suits(call));
  }

  /** The session with the most room for a call that takes so many milliseconds, if that is known. */
  bestFor(call: Call, expectedMs: number | undefined): Session | undefined {
    let best: Session | undefined;
    for (const session of this) {
      if (!session.accepts(expectedMs) || !session.suits(call)) continue;
      if (best === undefined || session.load < best.load) best = session;
    }
    return best;
  }

  /** Takes back those of the calls that have not begun. */
  async takeBack(calls: readonly Call[]): Promise<Call[]> {
    const wanted = new Set(calls);
    const asked = [...this].map(async (session) => {
      const sent = [...session.calls].filter(({ call }) => wanted.has(call));
      return sent.length === 0 ? [] : await session.takeBack(sent);
    });
    return (await Promise.all(asked)).flat().map(({ call }) => call);
  }

  /** Takes back calls that wait behind longer ones than expected, if a worker has nothing to do. */
  takeBackOverdue(): Promise<SentCall[]>[] {
    if (![...this].some((session) => session.isOpen && session.calls.size === 0)) return [];
    const latest = now() - OVERDUE_MS;
    const isOverdue = ({ startedAt, sentAt }: SentCall) =>
      startedAt === undefined && sentAt < latest;
    return [...this].flatMap((session) => {
      const overdue = [...session.calls].filter(isOverdue);
      return overdue.length === 0 ? [] : [session.takeBack(overdue)];
    });
  }

  /** Removes all sessions, and returns the calls that they had. */
  abandon(): SentCall[] {
    const sent = [...this].flatMap((session) => {
      session.abandon();
      return session.calls.take([...session.calls].map(({ id }) => id));
    });
    this.#byId.clear();
    return sent;
  }
}
