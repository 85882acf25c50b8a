/** What a cold start reports. @module */

/** Takes the times. */
export interface ColdStartListener {
  /** All is loaded and made; now the run begins, or the bare worker starts. */
  began(): void;
  /** The first result is there. */
  arrived(): void;
}
