/** What the benchmark is made of, as data: experiments, their contenders, the rows of the table. @module */

/** Measures once, in the unit of its experiment; throws when the work was not done right. */
export type Measure = () => number | Promise<number>;

/** What the numbers of an experiment mean; of operations in a second more is better, else less. */
export type Unit = "ops/s" | "ms" | "µs" | "bytes" | "%";

/** One of those that are measured in turns. */
export interface Contender {
  readonly name: string;
  readonly measure: Measure;
  /** A peer may fail: the table then says why, and the others go on. @default {false} */
  readonly mayFail?: boolean;
}

/** The bound that a row is judged by. */
export type Target = { readonly atLeast: number } | { readonly atMost: number };

/** A line of the table: a contender, by itself or divided by the best of others. */
export interface Row {
  readonly name: string;
  /** The contender in question. */
  readonly of: string;
  /** The contenders of whose medians the best divides; none: the median itself is judged. */
  readonly over?: readonly string[];
  /** Without one the row only informs. */
  readonly target?: Target;
}

/** Contenders that are measured in turns, and what is read off their medians. */
export interface Experiment {
  readonly name: string;
  readonly unit: Unit;
  readonly contenders: readonly Contender[];
  readonly rows: readonly Row[];
  /** How often each is measured. @default {5} */
  readonly rounds?: number;
}

/** All measurements of a contender, or why there are none. */
export type Samples = { readonly values: readonly number[] } | { readonly failure: string };

/** The samples of an experiment by the names of its contenders. */
export type SamplesByName = ReadonlyMap<string, Samples>;

/** What a row came to. */
export interface Finding {
  readonly row: string;
  readonly unit: Unit;
  readonly of: string;
  readonly value: number | undefined;
  readonly over: string | undefined;
  readonly overValue: number | undefined;
  readonly ratio: number | undefined;
  /** Why it does not run, that or those which it is compared with. */
  readonly failure: string | undefined;
  readonly target: Target | undefined;
  readonly verdict: "reached" | "missed" | undefined;
}
