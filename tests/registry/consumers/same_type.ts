/** Whether two types are the same, `any` being none but itself. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true
  : false;

/** Compiles only when both types are the same: `sameType<A, B>(true)`. */
export function sameType<A, B>(_same: Same<A, B>): void {}
