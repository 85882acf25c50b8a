/** The sizes of the experiments. @module */

/** The sizes of all experiments. */
export interface Sizes {
  /** Tasks of a fan-out by the scheduler and the hand-written bases. */
  readonly fanOut: number;
  /** Tasks of the fan-out with the peers. */
  readonly peerFanOut: number;
  /** Tasks of a fan-out in a fresh pool. */
  readonly freshFanOut: number;
  /** How often a program fans out in fresh pools. The last five count: by then the times no longer fall. */
  readonly freshPools: number;
  /** Tasks of a fan-out on processes. */
  readonly processFanOut: number;
  /** Tasks of the fan-out with the peers on processes, which are slow. */
  readonly processPeerFanOut: number;
  /**
   * Tasks of a fan-out before the clock starts: so many that V8 has optimized the code again, which the
   * garbage collection between two measurements has discarded.
   */
  readonly warmUp: number;
  /** The same for calls one after the other. */
  readonly roundTripWarmUp: number;
  readonly chain: number;
  readonly emits: number;
  /** Futures in the queue while the heap is measured. */
  readonly queued: number;
  /** Lengths of the queue for which the cost of a task is compared. */
  readonly queueLengths: readonly [short: number, ...longer: number[]];
  readonly settledBesideQueue: number;
  /** How often statistics are taken. */
  readonly statistics: number;
  /** How many calls a monitor records. */
  readonly monitored: number;
  readonly messages: number;
  readonly floodMessages: number;
  readonly largeArguments: number;
  /** Bytes of large arguments and results. */
  readonly largeData: readonly number[];
  /** How many bytes of them are sent in a measurement. */
  readonly largeDataInAll: number;
  /** Tasks of mixed durations. */
  readonly mixedTasks: number;
  readonly trials: number;
  readonly sharedBytes: number;
  readonly sliceLength: number;
  readonly computeMs: number;
  /** Calls one after the other on another machine. */
  readonly natsChain: number;
  /** Tasks of a fan-out on other machines. */
  readonly natsFanOut: number;
  /** Tasks of the fan-out by the hand-written path, which is slow. */
  readonly natsBareFanOut: number;
}

/** The sizes that the targets apply to. */
export const FULL: Sizes = {
  fanOut: 100_000,
  peerFanOut: 20_000,
  freshFanOut: 20_000,
  freshPools: 12,
  processFanOut: 20_000,
  processPeerFanOut: 5_000,
  warmUp: 60_000,
  roundTripWarmUp: 5_000,
  chain: 5_000,
  emits: 5_000_000,
  queued: 1_000_000,
  queueLengths: [1_000, 100_000, 1_000_000],
  settledBesideQueue: 200_000,
  statistics: 1_000,
  monitored: 200_000,
  messages: 50_000,
  floodMessages: 20_000,
  largeArguments: 200,
  largeData: [1_000_000, 10_000_000, 100_000_000],
  largeDataInAll: 100_000_000,
  mixedTasks: 300,
  trials: 1_000,
  sharedBytes: 100_000_000,
  sliceLength: 1_000,
  computeMs: 10_000,
  natsChain: 500,
  natsFanOut: 20_000,
  natsBareFanOut: 1_000,
};

/** Just enough to check that everything runs. */
export const SMALL: Sizes = {
  fanOut: 500,
  peerFanOut: 100,
  freshFanOut: 200,
  freshPools: 2,
  processFanOut: 200,
  processPeerFanOut: 100,
  warmUp: 20,
  roundTripWarmUp: 20,
  chain: 100,
  emits: 10_000,
  queued: 1_000,
  queueLengths: [10, 100, 1_000],
  settledBesideQueue: 100,
  statistics: 10,
  monitored: 500,
  messages: 500,
  floodMessages: 2_000,
  largeArguments: 5,
  largeData: [10_000, 100_000, 1_000_000],
  largeDataInAll: 1_000_000,
  mixedTasks: 10,
  trials: 20,
  sharedBytes: 1_000_000,
  sliceLength: 100,
  computeMs: 100,
  natsChain: 20,
  natsFanOut: 200,
  natsBareFanOut: 50,
};
