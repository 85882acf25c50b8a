/** Every example of the guide against what the original prints and emits for it. @module */

import { assert, assertEquals } from "@std/assert";
import { type Outcome, REFERENCE_IDS, referenceOutcome, runExample } from "./_outcome.ts";

/** One thing of the reference that cannot hold here. */
interface Difference {
  readonly why: string;
  /** What is expected in its place; `actual` is asked only for what the machine decides. */
  expect(expected: Outcome, actual: Outcome): Partial<Outcome>;
}

interface Row {
  readonly id: string;
  readonly file: string;
  readonly args?: readonly string[];
  readonly differences?: readonly Difference[];
}

const FINISHED_IS_LAST: Difference = {
  why: "what settles after a stop or timeout is told of before finished, not after it",
  expect: ({ trace }) => ({
    trace: [...trace.filter((event) => event !== "Scheduler:finished"), "Scheduler:finished"],
  }),
};

const NO_EMPTY_AFTER_STOP: Difference = {
  why: "stop is emitted when the end is decided, and empty only while the scheduler is running",
  expect: ({ trace, counts }) => ({
    trace: trace.filter((event) => event !== "Scheduler:empty"),
    counts: { ...counts, Scheduler: { ...counts.Scheduler, empty: 0 } },
  }),
};

const STOPPED_WITH_EXCEPTION: Difference = {
  why: "the original has no code for a stop with an exception; here it is a stop like any other",
  expect: ({ exits }) => {
    assertEquals(exits, [{ code: "unknown", exception: "RangeError: Failed!" }]);
    return { exits: [{ code: "stopped", exception: "RangeError: Failed!" }] };
  },
};

const OWN_MESSAGE: Difference = {
  why: "the class of the error is the same, its message our own",
  expect: ({ printed }) => {
    assert(printed.includes("SchedulerNotRunningError"));
    return {
      printed: "SchedulerNotRunningError: Cannot submit collatz: the scheduler is not running; " +
        "do it in a callback of onStart, or after run() was called\n",
    };
  },
};

const ANY_ORDER_OF_RESULTS: Difference = {
  why: "with two workers the results come in any order",
  expect: ({ printed }, actual) => {
    assertEquals(numbersOf(actual.printed).toSorted(), numbersOf(printed).toSorted());
    return { printed: `[${numbersOf(actual.printed).join(", ")}]\n` };
  },
};

const FIRST_ANSWERS: Difference = {
  why: "the reference stops at its 200th character, the example at its 70th answer",
  expect: ({ printed }, actual) => {
    const shown = actual.printed.replace(/, …\]\n$/, "");
    assert(shown.length > "[12, 6, 3, 10, 5, 16, 8, 4, 2, 1, 4".length, "a round and more");
    assert(printed.startsWith(shown) || shown.startsWith(printed), actual.printed);
    return { printed: `${shown}, …]\n` };
  },
};

const REFERENCE_IS_CUT: Difference = {
  why: "the reference leaves out the last events; they follow from the two workers and ten items",
  expect: ({ trace }) => {
    const rest = requeueTrace();
    assertElided(rest, trace);
    return { trace: rest };
  },
};

const ROLE_OF_SPEED = "how many calls there is time for depends on the machine";

const SUBMITTED = ["Scheduler:future-submitted", "Task-collatz:submitted"];
const RESULT = [
  "Scheduler:future-done",
  "Scheduler:future-result",
  "Task-collatz:done",
  "Task-collatz:result",
];
