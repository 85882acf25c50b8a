/** Which calls begin together and ahead of time. @module */

const SHORT_MS = 5;

/** Whether a call that takes so many milliseconds, if that is known, is short. */
export function isShort(expectedMs: number | undefined): boolean {
  return expectedMs !== undefined && expectedMs <= SHORT_MS;
}
