/** The part of `mnist` that the example uses; the package has no types. */
interface Digit {
  /** The images of one digit one after the other, 28 by 28 pixels between 0 and 1 each. */
  readonly raw: readonly number[];
}
declare const digits: readonly Digit[];
export default digits;
