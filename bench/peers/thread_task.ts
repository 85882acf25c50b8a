/** The worker module of piscina and tinypool, which call its default export. @module */

/** A trivial function. */
export default function same(n: number): number {
  return n;
}
