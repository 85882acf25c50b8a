/** The names on the server of the hand-written path. @module */

/** Streams, subjects, and the consumer of the worker. */
export const BARE = {
  calls: "BARE_CALLS",
  results: "BARE_RESULTS",
  call: "bare.call",
  log: "bare.log.>",
  claim: (id: string): string => `bare.log.claim.${id}`,
  end: (id: string): string => `bare.log.end.${id}`,
  ends: "bare.log.end.*",
  consumer: "worker",
};
