/** The part of `mnist` that the example uses; the package has no types. */
interface Digit {
  /** All images of one digit in a row: 28 by 28 pixels each, from 0 to 1. */
  readonly raw: readonly number[];
}
declare const digits: readonly Digit[];
export default digits;
