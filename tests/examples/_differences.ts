/** The differences from the reference: why each exists, and what is expected instead. @module */

import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import type { Outcome } from "./_outcome.ts";

/** A difference from the reference. */
export interface Difference {
  /** Why the reference cannot hold here. */
  readonly why: string;
  /** What is expected instead. Takes from `actual` only what depends on the machine. */
  expect(expected: Outcome, actual: Outcome): Partial<Outcome>;
}

const FINISHED = "Scheduler:finished";

/** Late events are emitted before `finished`. */
export const FINISHED_IS_LAST: Difference = {
  why: "events of futures that settle after a stop or a timeout come before finished, not after it",
  expect: ({ trace }) => {
    assert(trace.at(-1) !== FINISHED, "the original emits something after finished");
    return { trace: [...without(trace, FINISHED), FINISHED] };
  },
};

/** No `empty` is emitted after the end of the run is decided. */
export const NO_EMPTY_BEFORE_STOP: Difference = {
  why: "stop is emitted at once, and empty only while the scheduler is running",
  expect: ({ trace, counts }) => {
    assertMatch(trace.join(), /Scheduler:empty,Scheduler:stop/);
    return {
      trace: without(trace, "Scheduler:empty"),
      counts: { ...counts, Scheduler: { ...counts.Scheduler, empty: 0 } },
    };
  },
};

/** `stop({ exception })` has the exit code of a stop. */
export const STOPPED_WITH_EXCEPTION: Difference = {
  why: "a stop with an exception has the code of a stop; the original has no code",
  expect: ({ exits }) => {
    assertEquals(exits, [{ code: "unknown", exception: "RangeError: Failed!" }]);
    return { exits: [{ code: "stopped", exception: "RangeError: Failed!" }] };
  },
};

/** The message of the error for a submission before the run. */
export const OWN_MESSAGE: Difference = {
  why: "the class of the error is the same, but not its message",
  expect: ({ printed }) => {
    assertMatch(printed, /^<class '.*\.SchedulerNotRunningError'>: /);
    return {
      printed: "SchedulerNotRunningError: Cannot submit collatz: the scheduler is not running; " +
        "do it while run() is under way, such as in a callback of onStart\n",
    };
  },
};

/** The printed results of two workers. */
export const RESULTS_IN_ANY_ORDER: Difference = {
  why: "two workers return their results in any order",
  expect: ({ printed }, actual) => {
    const results = numbersIn(actual.printed);
    assertEquals(results.toSorted(), numbersIn(printed).toSorted());
    return { printed: `[${results.join(", ")}]\n` };
  },
};

/** The printed answers of a chain that the timeout ends. */
export const FIRST_ANSWERS: Difference = {
  why: "the reference prints its first 200 characters, the example its first 70 answers",
  expect: ({ printed }, actual) => {
    const answers = numbersIn(actual.printed);
    const known = numbersIn(printed);
    assertGreater(answers.length, 10, "even the slowest machine gets through the cycle once");
    assertEquals(answers.slice(0, known.length), known.slice(0, answers.length));
    return { printed: `[${answers.join(", ")}, …]\n` };
  },
};

/** The end of a trace, which the reference omits. */
export const REFERENCE_IS_CUT: Difference = {
  why: "the reference omits the last events, which follow from the number of items",
  expect: ({ trace }) => {
    assertElided(requeueTrace(), trace);
    return { trace: requeueTrace() };
  },
};

/** The rounds of the opening example. */
export const COLLATZ_ROUNDS: Difference = asManyCallsAsFit(collatzTrace);

/** The rounds of the example for `timeout`. */
export const TIMEOUT_ROUNDS: Difference = asManyCallsAsFit(timeoutTrace);

// The rule for the trace must hold for the original's number of calls as well as for ours. A call
// that is still pending at the timeout is cancelled; the reference has no such case.
function asManyCallsAsFit(traceOf: (calls: number, cancelled: boolean) => string[]): Difference {
  return {
    why: "the number of calls before the timeout depends on the machine",
    expect: ({ trace, counts }, actual) => {
      assertElided(traceOf(counts.Scheduler?.["future-submitted"] ?? 0, false), trace);
      const { "future-submitted": calls = 0, "future-cancelled": cancelled = 0 } =
        actual.counts.Scheduler ?? {};
      assertGreater(calls, 1);
      const expected = traceOf(calls, cancelled > 0);
      return { trace: expected, counts: countsIn(expected, counts) };
    },
  };
}

function collatzTrace(calls: number, cancelled: boolean): string[] {
  const submitted = submittedTo("collatz");
  const settled = resultOf("collatz");
  return [
    "Scheduler:start",
    ...submitted,
    ...repeat(calls - 1, [...settled, ...submitted]),
    "Scheduler:timeout",
    "Scheduler:finishing",
    ...(cancelled ? ["Scheduler:future-cancelled", "Task-collatz:cancelled"] : settled),
    FINISHED,
  ];
}

// The next call is submitted in a callback of future-done, so before future-result.
function timeoutTrace(calls: number, cancelled: boolean): string[] {
  const submitted = "Scheduler:future-submitted";
  const done = "Scheduler:future-done";
  const result = "Scheduler:future-result";
  return [
    "Scheduler:start",
    submitted,
    ...repeat(calls - 1, [done, submitted, result]),
    "Scheduler:timeout",
    "Scheduler:finishing",
    ...(cancelled ? ["Scheduler:future-cancelled"] : [done, result]),
    FINISHED,
  ];
}

// Ten items, of which two are submitted at the start, and one more with each result.
function requeueTrace(): string[] {
  const submitted = submittedTo("myFunc");
  const settled = resultOf("myFunc");
  return [
    "Scheduler:start",
    ...repeat(2, submitted),
    ...repeat(2, ["Task-myFunc:concurrent-limit-reached"]),
    ...repeat(8, [...settled, ...submitted]),
    ...repeat(2, settled),
    "Scheduler:empty",
    "Scheduler:finishing",
    FINISHED,
  ];
}

function submittedTo(task: string): string[] {
  return ["Scheduler:future-submitted", `Task-${task}:submitted`];
}

function resultOf(task: string): string[] {
  const ofTask = [`Task-${task}:done`, `Task-${task}:result`];
  return ["Scheduler:future-done", "Scheduler:future-result", ...ofTask];
}

function repeat(times: number, events: readonly string[]): string[] {
  return Array.from({ length: times }, () => events).flat();
}

function without(trace: readonly string[], event: string): string[] {
  return trace.filter((other) => other !== event);
}

// The reference has dots where it omits events.
function assertElided(trace: readonly string[], reference: readonly string[]): void {
  const dots = reference.findIndex((event) => event === "..." || event === "…");
  if (dots === -1) return assertEquals(trace, reference);
  const tail = reference.slice(dots + 1);
  assertEquals(trace.slice(0, dots), reference.slice(0, dots));
  assertEquals(trace.slice(trace.length - tail.length), tail);
}

// Counts the events of a trace for the emitters and events in `known`.
function countsIn(trace: readonly string[], known: Outcome["counts"]): Outcome["counts"] {
  const counts = new Map<string, number>();
  for (const event of trace) counts.set(event, (counts.get(event) ?? 0) + 1);
  return Object.fromEntries(
    Object.entries(known).map(([emitter, events]) => {
      const name = emitter.replace(/^\d+:/, "");
      const each = Object.keys(events).map((event) => [event, counts.get(`${name}:${event}`) ?? 0]);
      return [emitter, Object.fromEntries(each)];
    }),
  );
}

function numbersIn(text: string): number[] {
  return [...text.matchAll(/\d+/g)].map(([digits]) => Number(digits));
}
