import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  type CallbackOptions,
  Emitter,
  EventNotKnownError,
  type Subscription,
} from "@amltk/scheduling";

type Events = { tick: [count: number]; found: [path: string, size: number] };

function makeEmitter(): Emitter<Events> {
  return new Emitter<Events>({ name: "crawler", events: ["tick", "found"] });
}

/** Emits `tick` with 1, 2, … and returns the counts for which a callback with `options` is called. */
function ticksSeen(options: CallbackOptions, until: number): number[] {
  const emitter = makeEmitter();
  const seen: number[] = [];
  emitter.on("tick", (count) => seen.push(count), options);
  for (let count = 1; count <= until; count++) emitter.emit("tick", count);
  return seen;
}

// ----------------------------------------------------------------------------- emission

Deno.test("Emitter.emit() calls synchronously, in order of registration, with the arguments", () => {
  const emitter = makeEmitter();
  const seen: unknown[] = [];
  emitter.on("found", (...args) => seen.push(["a", ...args]));
  emitter.on("tick", (count) => seen.push(["tick", count]));
  emitter.on("found", (...args) => seen.push(["b", ...args]));
  emitter.emit("found", "/x", 7);
  assertEquals(seen, [["a", "/x", 7], ["b", "/x", 7]]);
});

Deno.test("Emitter.emit() calls one function as often as it was subscribed", () => {
  const emitter = makeEmitter();
  let calls = 0;
  const callback = () => calls++;
  const first = emitter.on("tick", callback);
  emitter.on("tick", callback);
  emitter.emit("tick", 1);
  assertEquals(calls, 2);
  first();
  emitter.emit("tick", 2);
  assertEquals(calls, 3);
});

Deno.test("Emitter.emit() calls new callbacks from the next emission on", () => {
  const emitter = makeEmitter();
  const seen: string[] = [];
  emitter.on("tick", (count) => {
    seen.push(`old ${count}`);
    if (count === 1) emitter.on("tick", (count) => seen.push(`new ${count}`));
  });
  emitter.emit("tick", 1);
  assertEquals(seen, ["old 1"]);
  emitter.emit("tick", 2);
  assertEquals(seen, ["old 1", "old 2", "new 2"]);
});

Deno.test("Emitter.emit() skips only callbacks that were unsubscribed meanwhile", () => {
  const emitter = makeEmitter();
  const seen: string[] = [];
  emitter.on("tick", () => {
    seen.push("a");
    b();
  });
  const b = emitter.on("tick", () => seen.push("b"));
  emitter.on("tick", () => seen.push("c"));
  emitter.emit("tick", 1);
  assertEquals(seen, ["a", "c"]);
  emitter.emit("tick", 2);
  assertEquals(seen, ["a", "c", "a", "c"]);
});

Deno.test("Emitter.emit() calls those after a callback that unsubscribes itself", () => {
  const emitter = makeEmitter();
  const seen: string[] = [];
  const a = emitter.on("tick", () => {
    seen.push("a");
    a();
  });
  emitter.on("tick", () => seen.push("b"));
  emitter.emit("tick", 1);
  emitter.emit("tick", 2);
  assertEquals(seen, ["a", "b", "b"]);
});

Deno.test("Emitter.emit() inside a callback delivers first, over its snapshot", () => {
  const emitter = makeEmitter();
  const seen: string[] = [];
  emitter.on("tick", (count) => {
    seen.push(`a ${count}`);
    if (count !== 1) return;
    emitter.on("tick", (count) => seen.push(`new ${count}`));
    emitter.emit("tick", 2);
  });
  emitter.on("tick", (count) => seen.push(`b ${count}`));
  emitter.emit("tick", 1);
  assertEquals(seen, ["a 1", "a 2", "b 2", "new 2", "b 1"]);
});

Deno.test("Emitter.emit() throws the single error after calling all callbacks", () => {
  const emitter = makeEmitter();
  const error = new RangeError("no");
  const seen: string[] = [];
  emitter.on("tick", () => seen.push("before"));
  emitter.on("tick", () => {
    throw error;
  });
  emitter.on("tick", () => seen.push("after"));
  assertStrictEquals(assertThrows(() => emitter.emit("tick", 1)), error);
  assertEquals(seen, ["before", "after"]);
});

Deno.test("Emitter.emit() throws an AggregateError of several errors in order", () => {
  const emitter = makeEmitter();
  const thrown = [new Error("1"), "a string", undefined];
  for (const error of thrown) {
    emitter.on("tick", () => {
      throw error;
    });
  }
  const error = assertThrows(() => emitter.emit("tick", 1), AggregateError, '"tick"');
  assertEquals(error.errors.length, 3);
  for (const [index, one] of error.errors.entries()) assertStrictEquals(one, thrown[index]);
});

Deno.test("Emitter.emit() throws even undefined that a callback threw", () => {
  const emitter = makeEmitter();
  emitter.on("tick", () => {
    throw undefined;
  });
  const caught: unknown[] = [];
  try {
    emitter.emit("tick", 1);
  } catch (error) {
    caught.push(error);
  }
  assertEquals(caught, [undefined]);
});

Deno.test("Emitter.emit() goes on repeating a callback that throws", () => {
  const emitter = makeEmitter();
  emitter.on("tick", () => {
    throw new Error("again");
  }, { repeat: 3 });
  const error = assertThrows(() => emitter.emit("tick", 1), AggregateError);
  assertEquals(error.errors.length, 3);
});

Deno.test("Emitter.emit() counts emissions whose callbacks throw", () => {
  const emitter = makeEmitter();
  let calls = 0;
  emitter.on("tick", () => {
    calls++;
    throw new Error("no");
  });
  for (const count of [1, 2]) assertThrows(() => emitter.emit("tick", count));
  assertEquals([emitter.eventCounts.tick, calls], [2, 2]);
});

Deno.test("Emitter.emit() treats a when() that throws as a callback that throws", () => {
  const emitter = makeEmitter();
  const error = new Error("when");
  const seen: string[] = [];
  const when = () => {
    throw error;
  };
  emitter.on("tick", () => seen.push("guarded"), { when });
  emitter.on("tick", () => seen.push("other"));
  assertStrictEquals(assertThrows(() => emitter.emit("tick", 1)), error);
  assertEquals(seen, ["other"]);
});

Deno.test("Emitter.emit() ignores what callbacks return and does not wait", async () => {
  const emitter = makeEmitter();
  const seen: string[] = [];
  emitter.on("tick", async () => {
    seen.push("begin");
    await Promise.resolve();
    seen.push("end");
  });
  assertEquals(emitter.emit("tick", 1), undefined);
  assertEquals(seen, ["begin"]);
  await Promise.resolve();
  await Promise.resolve();
  assertEquals(seen, ["begin", "end"]);
});

// ----------------------------------------------------------------------------- options

Deno.test("Emitter.on() with every calls on the n-th, 2n-th, … emission", () => {
  assertEquals(ticksSeen({ every: 3 }, 10), [3, 6, 9]);
});

Deno.test("Emitter.on() with limit stops after so many emissions", () => {
  assertEquals(ticksSeen({ limit: 2 }, 5), [1, 2]);
  assertEquals(ticksSeen({ limit: Infinity }, 3), [1, 2, 3]);
});

Deno.test("Emitter.on() with repeat calls that often in a row", () => {
  assertEquals(ticksSeen({ repeat: 2 }, 2), [1, 1, 2, 2]);
});

Deno.test("Emitter.on() with repeat uses one of limit for all repetitions", () => {
  assertEquals(ticksSeen({ repeat: 3, limit: 2 }, 4), [1, 1, 1, 2, 2, 2]);
});

Deno.test("Emitter.on() asks every before limit", () => {
  assertEquals(ticksSeen({ every: 2, limit: 2 }, 8), [2, 4]);
});

Deno.test("Emitter.on() evaluates when only on emissions every selects", () => {
  let asked = 0;
  const seen = ticksSeen({ every: 3, when: () => ++asked > 1 }, 9);
  assertEquals([asked, seen], [3, [6, 9]]);
});

Deno.test("Emitter.on() counts emissions for every although when is false", () => {
  let open = false;
  const emitter = makeEmitter();
  const seen: number[] = [];
  emitter.on("tick", (count) => seen.push(count), { every: 2, when: () => open });
  for (const count of [1, 2, 3]) emitter.emit("tick", count);
  open = true;
  for (const count of [4, 5, 6]) emitter.emit("tick", count);
  assertEquals(seen, [4, 6]);
});

Deno.test("Emitter.on() stops evaluating when after limit is reached", () => {
  let asked = 0;
  const seen = ticksSeen({ limit: 2, when: () => ++asked > 0 }, 5);
  assertEquals([asked, seen], [2, [1, 2]]);
});

Deno.test("Emitter.on() uses nothing of limit while when is false", () => {
  let asked = 0;
  assertEquals(ticksSeen({ when: () => ++asked > 2, limit: 2 }, 6), [3, 4]);
});

Deno.test("Emitter.on() asks when once for all repetitions", () => {
  let asked = 0;
  const seen = ticksSeen({ repeat: 3, when: () => ++asked > 0 }, 2);
  assertEquals([asked, seen], [2, [1, 1, 1, 2, 2, 2]]);
});

Deno.test("Emitter.on() stops repeating a callback that unsubscribes itself", () => {
  const emitter = makeEmitter();
  let calls = 0;
  const unsubscribe = emitter.on("tick", () => {
    if (++calls === 2) unsubscribe();
  }, { repeat: 5 });
  emitter.emit("tick", 1);
  assertEquals(calls, 2);
});

Deno.test("Emitter.on() counts emissions for each callback from its subscription on", () => {
  const emitter = makeEmitter();
  const seen: string[] = [];
  emitter.on("tick", (count) => seen.push(`a${count}`), { every: 2 });
  emitter.emit("tick", 1);
  emitter.on("tick", (count) => seen.push(`b${count}`), { every: 2 });
  for (const count of [2, 3, 4]) emitter.emit("tick", count);
  assertEquals(seen, ["a2", "b3", "a4"]);
});

Deno.test("Emitter.on() keeps the order every, when, limit, repeat in a nested emission", () => {
  const emitter = makeEmitter();
  const seen: number[] = [];
  emitter.on("tick", (count) => {
    seen.push(count);
    if (count < 4) emitter.emit("tick", count + 1);
  }, { limit: 2, repeat: 2 });
  emitter.emit("tick", 1);
  assertEquals(seen, [1, 2, 2, 1]);
});

for (const option of ["every", "limit", "repeat"] as const) {
  for (const value of [0, -1, 1.5, NaN, -Infinity, 2 ** 53]) {
    Deno.test(`Emitter.on() refuses ${option}: ${value} with a RangeError that names both`, () => {
      const error = assertThrows(
        () => makeEmitter().on("tick", () => {}, { [option]: value }),
        RangeError,
        option,
      );
      assert(error.message.endsWith(`not ${value}`), error.message);
    });
  }
  Deno.test(`Emitter.on() refuses ${option}: "2" with a TypeError that names both`, () => {
    const subscribe = () => makeEmitter().on("tick", () => {}, { [option]: "2" });
    assert(assertThrows(subscribe, TypeError, option).message.endsWith('not "2"'));
  });
}

for (const option of ["every", "repeat"] as const) {
  Deno.test(`Emitter.on() refuses ${option}: Infinity`, () => {
    const subscribe = () => makeEmitter().on("tick", () => {}, { [option]: Infinity });
    assert(assertThrows(subscribe, RangeError, option).message.endsWith("not Infinity"));
  });
}

for (
  const [options, message] of [
    [{ when: true }, "when must be a function, not true"],
    [{ hidden: 1 }, "hidden must be true or false, not 1"],
    [{ signal: {} }, "signal must be an AbortSignal, not an object of Object"],
    [{ Every: 2 }, 'has no option "Every": it has every, when, limit, repeat, hidden, signal'],
    [null, "not null"],
    [7, "not 7"],
  ] as const
) {
  Deno.test(`Emitter.on() refuses options ${JSON.stringify(options)} with a TypeError`, () => {
    const emitter = makeEmitter();
    const subscribe = () => emitter.on("tick", () => {}, options as CallbackOptions);
    assertThrows(subscribe, TypeError, message);
    assertEquals(emitter.statistics().events[0]?.callbacks, []);
  });
}

for (const callback of [undefined, null, "f", {}]) {
  Deno.test(`Emitter.on() refuses the callback ${JSON.stringify(callback)}`, () => {
    assertThrows(() => makeEmitter().on("tick", callback as never), TypeError, "callback");
  });
}

Deno.test("Emitter.on() treats undefined options as defaults", () => {
  const { every, when, limit, repeat, hidden, signal } = {} as CallbackOptions;
  assertEquals(ticksSeen({ every, when, limit, repeat, hidden, signal }, 2), [1, 2]);
});

// ----------------------------------------------------------------------------- subscriptions

Deno.test("Subscription() unsubscribes; a second call is harmless", () => {
  const emitter = makeEmitter();
  const seen: string[] = [];
  const callback = () => seen.push("x");
  const first = emitter.on("tick", callback);
  emitter.on("tick", callback);
  assertEquals(first(), undefined);
  first();
  emitter.emit("tick", 1);
  assertEquals(seen, ["x"]);
});

Deno.test("Subscription[Symbol.dispose]() unsubscribes at the end of a using block", () => {
  const emitter = makeEmitter();
  const seen: number[] = [];
  {
    using subscription = emitter.on("tick", (count) => seen.push(count));
    emitter.emit("tick", 1);
    subscription[Symbol.dispose]();
    emitter.emit("tick", 2);
  }
  {
    using _subscription = emitter.on("tick", (count) => seen.push(count));
    emitter.emit("tick", 3);
  }
  emitter.emit("tick", 4);
  assertEquals(seen, [1, 3]);
});

Deno.test("Emitter.on() with signal unsubscribes when it is aborted", () => {
  const emitter = makeEmitter();
  const seen: number[] = [];
  const controller = new AbortController();
  const { signal } = controller;
  emitter.on("tick", (count) => seen.push(count), { signal });
  emitter.emit("tick", 1);
  controller.abort();
  emitter.emit("tick", 2);
  assertEquals(seen, [1]);
  assertEquals(emitter.statistics().events[0]?.callbacks, []);
});

Deno.test("Emitter.on() with signal skips a callback just aborted", () => {
  const emitter = makeEmitter();
  const seen: string[] = [];
  const controller = new AbortController();
  emitter.on("tick", () => controller.abort());
  emitter.on("tick", () => seen.push("aborted"), { signal: controller.signal });
  emitter.on("tick", () => seen.push("other"));
  emitter.emit("tick", 1);
  assertEquals(seen, ["other"]);
});

Deno.test("Emitter.on() with an aborted signal never calls", () => {
  const emitter = makeEmitter();
  const watched = watchSignal(AbortSignal.abort());
  const subscription = emitter.on("tick", () => assert(false), { signal: watched.signal });
  emitter.emit("tick", 1);
  subscription();
  assertEquals(watched.listeners(), 0);
});

for (
  const [how, end] of [
    ["unsubscribed", (subscriptions, _controller) => subscriptions.forEach((each) => each())],
    ["aborted", (_subscriptions, controller) => controller.abort()],
    ["used up", (_subscriptions, _controller, emitter) => emitter.emit("tick", 1)],
  ] satisfies [string, EndSubscriptions][]
) {
  Deno.test(`Emitter.on() has one abort listener for each signal, until all are ${how}`, () => {
    const emitter = makeEmitter();
    const controller = new AbortController();
    const watched = watchSignal(controller.signal);
    const subscriptions = Array.from(
      { length: 3 },
      () => emitter.on("tick", () => {}, { signal: watched.signal, limit: 1 }),
    );
    assertEquals(watched.listeners(), 1);
    subscriptions[1]?.();
    subscriptions[1]?.();
    assertEquals(watched.listeners(), 1);
    end(subscriptions, controller, emitter);
    assertEquals(watched.listeners(), 0);
    subscriptions.push(emitter.on("tick", () => {}, { signal: watched.signal }));
    assertEquals(watched.listeners(), controller.signal.aborted ? 0 : 1);
  });
}

Deno.test("Emitter.on() and once() of several events end with one signal", async () => {
  const emitter = makeEmitter();
  const controller = new AbortController();
  const { signal } = controller;
  const seen: string[] = [];
  emitter.on("tick", () => seen.push("tick"), { signal });
  emitter.on("found", () => seen.push("found"), { signal });
  const waiting = emitter.once("tick", { signal });
  controller.abort("gone");
  emitter.emit("tick", 1);
  emitter.emit("found", "/a", 1);
  assertEquals([seen, await waiting.catch((reason) => reason)], [[], "gone"]);
});

Deno.test("Emitter.subscriber() is on() bound to one event", () => {
  const emitter = makeEmitter();
  const seen: unknown[] = [];
  const onFound = emitter.subscriber("found");
  const subscription = onFound((...args) => seen.push(args), { every: 2 });
  for (const size of [1, 2, 3, 4]) emitter.emit("found", "/x", size);
  subscription();
  for (const size of [5, 6]) emitter.emit("found", "/x", size);
  assertEquals(seen, [["/x", 2], ["/x", 4]]);
});

// ----------------------------------------------------------------------------- letting go

/** What stays in use after a callback has ended: none of it may hold the callback. */
interface Kept {
  readonly emitter: Emitter<Events>;
  readonly controller: AbortController;
  subscription?: unknown;
}

interface Ending {
  /** Subscribes a callback that closes over `held`. */
  readonly subscribe: (kept: Kept, held: object) => void;
  /** Ends it; without this an emission does. */
  readonly end?: (kept: Kept) => void;
}

const endings: Record<string, Ending> = {
  "whose limit is used up": {
    subscribe: (kept, held) => {
      kept.subscription = kept.emitter.on("tick", () => held, { limit: 1 });
    },
  },
  "whose limit is used up, with a signal": {
    subscribe: (kept, held) => {
      const { signal } = kept.controller;
      kept.subscription = kept.emitter.on("tick", () => held, { limit: 1, signal });
    },
  },
  "whose limit is used up, with when": {
    subscribe: (kept, held) => {
      const when = () => held !== undefined;
      kept.subscription = kept.emitter.on("tick", nothing, { limit: 1, when });
    },
  },
  "whose limit is used up, by its subscriber": {
    subscribe: (kept, held) => {
      kept.subscription = kept.emitter.subscriber("tick")(() => held, { limit: 1, repeat: 2 });
    },
  },
  "whose limit is used up by an emission inside": {
    subscribe: (kept, held) => {
      const { emitter } = kept;
      const emitAgain = (n: number) => held !== undefined && n === 1 && emitter.emit("tick", 2);
      kept.subscription = emitter.on("tick", emitAgain, { limit: 2 });
    },
  },
  "whose last call throws": {
    subscribe: (kept, held) => {
      const throwHeld = () => {
        throw held;
      };
      kept.subscription = kept.emitter.on("tick", throwHeld, { limit: 1 });
    },
    end: ({ emitter }) => void assertThrows(() => emitter.emit("tick", 1)),
  },
  "that is unsubscribed": {
    subscribe: (kept, held) => {
      kept.subscription = kept.emitter.on("tick", () => held);
    },
    end: ({ subscription }) => (subscription as Subscription)(),
  },
  "that is unsubscribed among others": {
    subscribe: (kept, held) => {
      kept.subscription = kept.emitter.on("tick", () => held);
      for (let others = 0; others < 5; others++) kept.emitter.on("tick", nothing);
    },
    end: ({ subscription }) => (subscription as Subscription)(),
  },
  "whose signal is aborted": {
    subscribe: (kept, held) => {
      kept.subscription = kept.emitter.on("tick", () => held, { signal: kept.controller.signal });
    },
    end: ({ controller }) => controller.abort(),
  },
  "of once()": {
    subscribe: (kept, held) => {
      const waiting = kept.emitter.once("tick", { signal: kept.controller.signal });
      kept.subscription = waiting.then(() => void held);
    },
  },
};

for (const [which, { subscribe, end }] of Object.entries(endings)) {
  Deno.test(`Emitter lets go of a callback ${which}`, async () => {
    const kept: Kept = { emitter: makeEmitter(), controller: new AbortController() };
    const reference = subscribeToNew(kept, subscribe);
    assertEquals(await isCollected(reference), false);
    if (end === undefined) kept.emitter.emit("tick", 1);
    else end(kept);
    assertEquals(await isCollected(reference), true);
    // Used until here.
    assert(kept.subscription !== undefined && !kept.controller.signal.onabort);
  });
}

function nothing(): void {}

function subscribeToNew(
  kept: Kept,
  subscribe: (kept: Kept, held: object) => void,
): WeakRef<object> {
  const held = { bytes: new Uint8Array(100) };
  subscribe(kept, held);
  return new WeakRef(held);
}

async function isCollected(reference: WeakRef<object>): Promise<boolean> {
  // A reference that was made or read in this macrotask is kept until its end.
  await new Promise((resolve) => setTimeout(resolve));
  // The task of deno.json runs the tests with --expose-gc.
  (globalThis as unknown as { gc(): void }).gc();
  return reference.deref() === undefined;
}

// ----------------------------------------------------------------------------- names

const callsWithUnknownName: Record<string, (emitter: Emitter<Events>) => unknown> = {
  on: (emitter) => emitter.on("lost" as "tick", () => {}),
  emit: (emitter) => emitter.emit("lost" as "tick", 1),
  once: (emitter) => emitter.once("lost" as "tick"),
  stream: (emitter) => emitter.stream("lost" as "tick"),
  subscriber: (emitter) => emitter.subscriber("lost" as "tick"),
};

for (const [method, call] of Object.entries(callsWithUnknownName)) {
  Deno.test(`Emitter.${method}() throws EventNotKnownError that lists the known events`, () => {
    const emitter = makeEmitter();
    const error = assertThrows(() => call(emitter), EventNotKnownError);
    assertEquals([error.name, error.event], ["EventNotKnownError", "lost"]);
    assertEquals(error.known, ["tick", "found"]);
    assertEquals(error.message, 'crawler has no event "lost": it has tick, found');
    assertEquals(emitter.eventCounts, { tick: 0, found: 0 });
  });
}

Deno.test("Emitter() with no events at all says so", () => {
  const emitter = new Emitter<Events>({ events: [] });
  const error = assertThrows(() => emitter.emit("tick", 1), EventNotKnownError);
  assertEquals(error.message, 'emitter has no event "tick": it has none');
});

Deno.test("Emitter() without a list adds events on first use", () => {
  const emitter = new Emitter<Events>();
  assertEquals([emitter.name, emitter.eventCounts], ["emitter", {} as typeof emitter.eventCounts]);
  const seen: number[] = [];
  emitter.on("tick", (count) => seen.push(count));
  emitter.emit("tick", 1);
  emitter.emit("found", "/x", 1);
  assertEquals(emitter.eventCounts, { tick: 1, found: 1 });
  assertEquals(seen, [1]);
});

for (
  const [options, message] of [
    [{ name: 5 }, "name must be a string, not 5"],
    [{ events: "tick" }, "must be an array of names"],
    [{ events: ["tick", "tick"] }, '"tick" already'],
    [{ events: [""] }, 'not ""'],
    [{ events: [3] }, "not 3"],
    [{ event: ["tick"] }, 'no option "event"'],
    [null, "not null"],
  ] as const
) {
  Deno.test(`Emitter() refuses options ${JSON.stringify(options)} with a TypeError`, () => {
    assertThrows(() => new Emitter(options as never), TypeError, message);
  });
}

// ----------------------------------------------------------------------------- counts, statistics

Deno.test("Emitter.eventCounts is a snapshot of all events, 0 included", () => {
  const emitter = makeEmitter();
  const before = emitter.eventCounts;
  assertEquals(Object.entries(before), [["tick", 0], ["found", 0]]);
  emitter.emit("tick", 1);
  emitter.on("tick", () => {}, { every: 5 });
  emitter.emit("tick", 2);
  assertEquals(emitter.eventCounts, { tick: 2, found: 0 });
  assertEquals(before, { tick: 0, found: 0 });
});

Deno.test("Emitter.eventCounts counts an emission before its callbacks are called", () => {
  const emitter = makeEmitter();
  const counts: number[] = [];
  emitter.on("tick", () => counts.push(emitter.eventCounts.tick));
  emitter.emit("tick", 1);
  emitter.emit("tick", 2);
  assertEquals(counts, [1, 2]);
});

Deno.test("Emitter.statistics() is a snapshot of events and callbacks", () => {
  const emitter = makeEmitter();
  function listen() {}
  function ready() {
    return true;
  }
  emitter.on("tick", listen, { every: 2, when: ready, limit: 9, repeat: 3 });
  emitter.on("tick", () => {});
  emitter.on("tick", listen, { hidden: true });
  const before = emitter.statistics();
  for (const count of [1, 2, 3]) emitter.emit("tick", count);
  assertEquals(emitter.statistics(), {
    name: "crawler",
    events: [
      {
        name: "tick",
        count: 3,
        callbacks: [
          { name: "listen", calls: 3, options: { every: 2, when: "ready", limit: 9, repeat: 3 } },
          { name: "(anonymous)", calls: 3, options: {} },
        ],
      },
      { name: "found", count: 0, callbacks: [] },
    ],
  });
  assertEquals(before.events[0]?.count, 0);
  assertEquals(before.events[0]?.callbacks.map(({ calls }) => calls), [0, 0]);
});

Deno.test("Emitter.statistics() groups used-up callbacks by name and options", () => {
  const emitter = makeEmitter();
  function first() {}
  function wait() {}
  emitter.on("tick", first);
  for (const count of [1, 2, 3]) {
    emitter.on("tick", wait, { limit: 1, repeat: 2 });
    emitter.on("tick", wait, { limit: 1, hidden: true });
    emitter.emit("tick", count);
  }
  emitter.on("tick", wait, { limit: 1 });
  emitter.on("tick", wait, { limit: 2 });
  emitter.emit("tick", 4);
  assertEquals(emitter.statistics().events[0]?.callbacks, [
    { name: "first", calls: 4, options: {} },
    { name: "wait", calls: 6, options: { limit: 1, repeat: 2 } },
    { name: "wait", calls: 1, options: { limit: 1 } },
    { name: "wait", calls: 1, options: { limit: 2 } },
  ]);
});

Deno.test("Emitter.statistics() counts used-up callbacks of any number of names", () => {
  const emitter = makeEmitter();
  for (let n = 0; n < 1000; n++) {
    const callback = { [`wait ${n}`]: () => {} }[`wait ${n}`] ?? assert;
    emitter.on("tick", callback, { limit: 1 });
    emitter.emit("tick", n);
  }
  const { callbacks = [] } = emitter.statistics().events[0] ?? {};
  assertEquals(callbacks.at(-1), { name: "(others)", calls: 984, options: {} });
  assertEquals(callbacks.reduce((sum, { calls }) => sum + calls, 0), 1000);
});

Deno.test("Emitter.statistics() takes callbacks whose name is no text", () => {
  const emitter = makeEmitter();
  const callback = Object.defineProperty(() => {}, "name", { value: 7n });
  emitter.on("tick", callback, { limit: 1 });
  emitter.on("tick", callback);
  emitter.emit("tick", 1);
  assertEquals(
    emitter.statistics().events[0]?.callbacks.map(({ name }) => name),
    ["(anonymous)", "(anonymous)"],
  );
});

// ----------------------------------------------------------------------------- once

Deno.test("Emitter.once() resolves to the arguments of the next emission", async () => {
  const emitter = makeEmitter();
  emitter.emit("found", "/before", 0);
  const found = emitter.once("found");
  emitter.emit("found", "/a", 1);
  emitter.emit("found", "/b", 2);
  assertEquals(await found, ["/a", 1]);
});

Deno.test("Emitter.once() leaves no callback and shows none", () => {
  const emitter = makeEmitter();
  const watched = watchSignal(new AbortController().signal);
  emitter.once("tick", { signal: watched.signal });
  assertEquals(emitter.statistics().events[0]?.callbacks, []);
  assertEquals(watched.listeners(), 1);
  emitter.emit("tick", 1);
  assertEquals(watched.listeners(), 0);
});

Deno.test("Emitter.once() rejects with the reason of its signal", async () => {
  const emitter = makeEmitter();
  const controller = new AbortController();
  const watched = watchSignal(controller.signal);
  const reason = new RangeError("enough");
  const found = emitter.once("found", { signal: watched.signal });
  controller.abort(reason);
  emitter.emit("found", "/a", 1);
  assertStrictEquals(await assertRejects(() => found), reason);
  assertEquals(watched.listeners(), 0);
});

Deno.test("Emitter.once() with an aborted signal rejects at once", async () => {
  const emitter = makeEmitter();
  const found = emitter.once("found", { signal: AbortSignal.abort("gone") });
  emitter.emit("found", "/a", 1);
  assertEquals(await found.catch((reason) => reason), "gone");
});

Deno.test("Emitter.once() causes no unhandled rejection", async () => {
  const unhandled: unknown[] = [];
  const listener = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    unhandled.push(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", listener);
  const emitter = makeEmitter();
  const controller = new AbortController();
  emitter.once("tick", { signal: controller.signal });
  emitter.once("tick", { signal: AbortSignal.abort(new Error("before")) });
  controller.abort(new Error("after"));
  // That the listener works at all.
  const seen = Promise.withResolvers<void>();
  globalThis.addEventListener("unhandledrejection", () => seen.resolve(), { once: true });
  Promise.reject(new Error("a real one"));
  await seen.promise;
  globalThis.removeEventListener("unhandledrejection", listener);
  assertEquals(unhandled.map((reason) => (reason as Error).message), ["a real one"]);
});

for (const method of ["once", "stream"] as const) {
  Deno.test(`Emitter.${method}() refuses a wrong signal and an unknown option`, () => {
    const emitter = makeEmitter();
    assertThrows(() => emitter[method]("tick", { signal: 5 } as never), TypeError, "not 5");
    assertThrows(() => emitter[method]("tick", { limit: 5 } as never), TypeError, '"limit"');
    assertThrows(() => emitter[method]("tick", null as never), TypeError, "not null");
  });
}

// ----------------------------------------------------------------------------- stream

Deno.test("Emitter.stream() buffers emissions from the call on", async () => {
  const emitter = makeEmitter();
  emitter.emit("tick", 0);
  const ticks = emitter.stream("tick");
  for (const count of [1, 2]) emitter.emit("tick", count);
  assertEquals(await ticks.next(), { done: false, value: [1] });
  emitter.emit("tick", 3);
  assertEquals(await ticks.next(), { done: false, value: [2] });
  assertEquals(await ticks.next(), { done: false, value: [3] });
  const later = ticks.next();
  emitter.emit("tick", 4);
  assertEquals(await later, { done: false, value: [4] });
  await ticks.return?.();
});

Deno.test("Emitter.stream() unsubscribes when the loop is left", async () => {
  const emitter = makeEmitter();
  const watched = watchSignal(new AbortController().signal);
  const ticks = emitter.stream("tick", { signal: watched.signal });
  for (const count of [1, 2, 3]) emitter.emit("tick", count);
  const seen: number[] = [];
  assertEquals(watched.listeners(), 1);
  for await (const [count] of ticks) {
    seen.push(count);
    if (count === 2) break;
  }
  assertEquals(seen, [1, 2]);
  assertEquals(watched.listeners(), 0);
  emitter.emit("tick", 4);
  assertEquals(await ticks.next(), { done: true, value: undefined });
});

Deno.test("Emitter.stream() unsubscribes when the loop throws", async () => {
  const emitter = makeEmitter();
  const watched = watchSignal(new AbortController().signal);
  const ticks = emitter.stream("tick", { signal: watched.signal });
  emitter.emit("tick", 1);
  await assertRejects(
    async () => {
      for await (const [count] of ticks) throw new Error(`left at ${count}`);
    },
    Error,
    "left at 1",
  );
  assertEquals(watched.listeners(), 0);
});

Deno.test("Emitter.stream() ends with the reason of its signal", async () => {
  const emitter = makeEmitter();
  const controller = new AbortController();
  const watched = watchSignal(controller.signal);
  const ticks = emitter.stream("tick", { signal: watched.signal });
  const waiting = ticks.next();
  const reason = new RangeError("enough");
  controller.abort(reason);
  emitter.emit("tick", 1);
  assertStrictEquals(await assertRejects(() => waiting), reason);
  assertEquals(watched.listeners(), 0);
});

Deno.test("Emitter.stream() with an aborted signal throws its reason", async () => {
  const emitter = makeEmitter();
  const ticks = emitter.stream("tick", { signal: AbortSignal.abort("gone") });
  emitter.emit("tick", 1);
  assertEquals(await ticks.next().catch((reason) => reason), "gone");
});

Deno.test("Emitter.stream() gives all emissions to each of several iterators", async () => {
  const emitter = makeEmitter();
  const streams = [emitter.stream("tick"), emitter.stream("tick")];
  for (const count of [1, 2]) emitter.emit("tick", count);
  for (const ticks of streams) {
    const seen: number[] = [];
    for await (const [count] of ticks) if (seen.push(count) === 2) break;
    assertEquals(seen, [1, 2]);
  }
});

// ----------------------------------------------------------------------------- subclasses

Deno.test("Emitter.addEvents() adds all events or none", () => {
  class Growing extends Emitter<Record<string, []>> {
    constructor() {
      super({ name: "growing", events: ["a"] });
    }
    grow(...names: string[]) {
      this.addEvents(names);
    }
  }
  const emitter = new Growing();
  emitter.grow("b");
  assertThrows(() => emitter.grow("c", "a"), TypeError, 'growing has an event "a" already');
  assertThrows(() => emitter.grow("d", "d"), TypeError, '"d" already');
  assertEquals(emitter.eventCounts, { a: 0, b: 0 });
  assertInstanceOf(assertThrows(() => emitter.emit("c")), EventNotKnownError);
});

type EndSubscriptions = (
  subscriptions: Subscription[],
  controller: AbortController,
  emitter: Emitter<Events>,
) => void;

/** A signal, and how many abort listeners it has. */
function watchSignal(signal: AbortSignal): { signal: AbortSignal; listeners(): number } {
  const listeners = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (type: string, listener: EventListener, options?: object) => {
    if (listeners.has(listener)) throw new Error("added twice");
    listeners.add(listener);
    add(type, listener, options);
  };
  signal.removeEventListener = (type: string, listener: EventListener) => {
    listeners.delete(listener);
    remove(type, listener);
  };
  return { signal, listeners: () => listeners.size };
}
