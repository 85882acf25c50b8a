/** The benchmark as data: experiments, their contenders, and the rows of the table. @module */

/** Measures once, in the unit of its experiment; throws if the work was done wrong. */
export type Measure = () => number | Promise<number>;

/** The unit of an experiment. For ops/s more is better, for all others less. */
export type Unit = "ops/s" | "ms" | "µs" | "bytes" | "%" | "× ideal";

/** One of the things that an experiment measures in turns. */
export interface Contender {
  readonly name: string;
  readonly measure: Measure;
  /** Whether a failure is only reported in the table, as for a peer. @default {false} */
  readonly mayFail?: boolean;
}

/** The bound for the value of a row. */
export type Target = { readonly atLeast: number } | { readonly atMost: number };

/** A line of the table: a contender alone, or its ratio to the best of others. */
export interface Row {
  readonly name: string;
  /** The name of the contender. */
  readonly of: string;
  /** The contenders to compare with, by the best of their medians. None: there is no ratio. */
  readonly over?: readonly string[];
  /** Without a target, the row has no verdict. */
  readonly target?: Target;
}

/** Contenders that are measured in turns, and the rows computed from their medians. */
export interface Experiment {
  readonly name: string;
  readonly unit: Unit;
  readonly contenders: readonly Contender[];
  readonly rows: readonly Row[];
  /** The number of measurements of each contender. @default {5} */
  readonly rounds?: number;
}

/** All measurements of a contender, or the reason why there are none. */
export type Samples = { readonly values: readonly number[] } | { readonly failure: string };

/** The samples of an experiment by the names of its contenders. */
export type SamplesByName = ReadonlyMap<string, Samples>;

/** The outcome of a row. */
export interface Finding {
  readonly row: string;
  readonly unit: Unit;
  readonly of: string;
  readonly value: number | undefined;
  readonly over: string | undefined;
  readonly overValue: number | undefined;
  readonly ratio: number | undefined;
  /** Why the contender, or all that it is compared with, did not run. */
  readonly failure: string | undefined;
  readonly target: Target | undefined;
  readonly verdict: "reached" | "missed" | undefined;
}
