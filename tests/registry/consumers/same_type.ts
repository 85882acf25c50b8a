/** Whether two types are the same. `any` is the same as `any` only. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true
  : false;

/** Compiles only when both types are the same: `sameType<A, B>(true)`. */
export function sameType<A, B>(_same: Same<A, B>): void {}
