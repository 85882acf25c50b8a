/** A hold that hears when its call has left the executor, for plugins of this package. @module */

/** Waits for the turn of the call, then calls back once, perhaps at once. */
export const TAKE: unique symbol = Symbol("take");
/** The call has left the executor, or settles before it was sent; its events come later. */
export const LEFT: unique symbol = Symbol("left");

/** What `after` of a submission may be in place of a promise. Each attempt of a call takes a turn. */
export interface Turn extends PromiseLike<void> {
  [TAKE](granted: () => void): void;
  [LEFT](): void;
}

/** Whether a hold is to hear of its call. */
export function isTurn(hold: PromiseLike<void>): hold is Turn {
  return TAKE in hold;
}
