import { assertEquals, assertGreater } from "@std/assert";
import fc from "fast-check";
import { type CallbackOptions, Emitter } from "@amltk/scheduling";

// Random programs that subscribe, emit, unsubscribe and abort, at the top and inside of callbacks,
// run on an Emitter and on the plain model below. Both must do the same things in the same order.

const SEED = 20_240_607;
const RUNS = 2000;
const MAX_DEPTH = 3;
const MAX_STEPS = 400;
const EVENTS = ["a", "b"] as const;

type EventName = typeof EVENTS[number];

/** The part of an emitter that programs use. */
interface Target {
  on(event: EventName, callback: (value: number) => void, options: CallbackOptions): () => void;
  emit(event: EventName, value: number): void;
  readonly eventCounts: Readonly<Record<string, number>>;
  /** How often the callbacks were called that the tree shows. */
  shownCalls(event: EventName): number;
}

interface OptionsSpec {
  every?: number;
  limit?: number;
  repeat?: number;
  /** The number of the gate that `when` asks. */
  when?: number;
  /** The number of the signal that unsubscribes. */
  signal?: number;
}

type Step =
  | { kind: "on"; event: EventName; options: OptionsSpec; steps: Step[] }
  | { kind: "emit"; event: EventName }
  | { kind: "off"; which: number }
  | { kind: "toggle"; gate: number }
  | { kind: "abort"; which: number }
  | { kind: "throw" };

// ----------------------------------------------------------------------------- the model

interface ModelHandler {
  callback: (value: number) => void;
  every: number;
  limit: number;
  repeat: number;
  when: () => boolean;
  signal: AbortSignal | undefined;
  emissions: number;
  uses: number;
  calls: number;
  callsUnderWay: number;
  gone: boolean;
  usedUp: boolean;
}

class Model implements Target {
  readonly eventCounts = { a: 0, b: 0 };
  readonly #handlers: Record<EventName, ModelHandler[]> = { a: [], b: [] };

  on(event: EventName, callback: (value: number) => void, options: CallbackOptions): () => void {
    const handler: ModelHandler = {
      callback,
      every: options.every ?? 1,
      limit: options.limit ?? Infinity,
      repeat: options.repeat ?? 1,
      when: options.when ?? (() => true),
      signal: options.signal,
      emissions: 0,
      uses: 0,
      calls: 0,
      callsUnderWay: 0,
      gone: options.signal?.aborted ?? false,
      usedUp: false,
    };
    this.#handlers[event].push(handler);
    return () => void (handler.gone = true);
  }

  emit(event: EventName, value: number): void {
    this.eventCounts[event]++;
    const errors: unknown[] = [];
    for (const handler of this.#handlers[event].filter(listens)) {
      if (!listens(handler)) continue;
      handler.emissions++;
      if (handler.emissions % handler.every > 0) continue;
      if (!handler.when()) continue;
      if (handler.uses === handler.limit) continue;
      handler.uses++;
      handler.callsUnderWay++;
      for (let time = 1; time <= handler.repeat; time++) {
        if (!listens(handler)) break;
        try {
          handler.calls++;
          handler.callback(value);
        } catch (error) {
          errors.push(error);
        }
      }
      handler.callsUnderWay--;
      if (handler.uses === handler.limit && handler.callsUnderWay === 0) {
        handler.usedUp ||= listens(handler);
      }
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors);
  }

  shownCalls(event: EventName): number {
    const shown = this.#handlers[event].filter((handler) => handler.usedUp || listens(handler));
    return shown.reduce((sum, { calls }) => sum + calls, 0);
  }
}

function listens(handler: ModelHandler): boolean {
  return !handler.gone && !handler.usedUp && !handler.signal?.aborted;
}

class Real extends Emitter<Record<EventName, [value: number]>> implements Target {
  constructor() {
    super({ events: EVENTS });
  }

  shownCalls(event: EventName): number {
    const { callbacks = [] } = this.statistics().events.find(({ name }) => name === event) ?? {};
    return callbacks.reduce((sum, { calls }) => sum + calls, 0);
  }
}

// ----------------------------------------------------------------------------- programs

const reached = {
  nested: 0,
  lateOn: 0,
  lateOff: 0,
  lateAbort: 0,
  several: 0,
  gated: 0,
  limited: 0,
};

/** What a program did: calls, questions to `when`, errors, and at last what the tree would show. */
function trace(target: Target, program: readonly Step[]): string[] {
  const log: string[] = [];
  const gates = [true, false];
  const controllers = [new AbortController(), new AbortController()];
  const subscriptions: (() => void)[] = [];
  let depth = 0;
  let emissions = 0;

  const perform = (step: Step) => {
    if (log.length >= MAX_STEPS) return;
    if (step.kind === "throw") throw new Error(`e${log.length}`);
    else if (step.kind === "toggle") gates[step.gate] = !gates[step.gate];
    else if (step.kind === "abort") {
      controllers[step.which]?.abort();
      if (depth > 0) reached.lateAbort++;
    } else if (step.kind === "off") {
      subscriptions[step.which % subscriptions.length]?.();
      if (depth > 0) reached.lateOff++;
    } else if (step.kind === "on") subscribe(step);
    else emit(step.event);
  };

  const subscribe = ({ event, options, steps }: Step & { kind: "on" }) => {
    const id = subscriptions.length;
    const { when: gate, signal, ...rest } = options;
    const when = gate === undefined ? undefined : () => {
      log.push(`when ${id}`);
      reached.gated++;
      return gates[gate] ?? false;
    };
    const callback = (value: number) => {
      log.push(`call ${id} with ${value} at ${depth}`);
      steps.forEach(perform);
    };
    const all = { ...rest, when, signal: signal === undefined ? undefined : controllers[signal] };
    subscriptions.push(target.on(event, callback, { ...all, signal: all.signal?.signal }));
    if (depth > 0) reached.lateOn++;
    if (options.limit !== undefined) reached.limited++;
  };

  const emit = (event: EventName) => {
    if (depth >= MAX_DEPTH) return;
    if (depth > 0) reached.nested++;
    depth++;
    try {
      target.emit(event, ++emissions);
    } finally {
      depth--;
    }
  };

  for (const step of program) {
    try {
      perform(step);
    } catch (error) {
      if (error instanceof AggregateError) reached.several++;
      log.push(`threw ${describe(error)}`);
    }
  }
  const { a, b } = target.eventCounts;
  return [...log, `counts ${a} ${b}, calls ${target.shownCalls("a")} ${target.shownCalls("b")}`];
}

function describe(error: unknown): string {
  if (error instanceof AggregateError) return `[${error.errors.map(describe).join(" ")}]`;
  return error instanceof Error ? error.message : String(error);
}

const eventName = fc.constantFrom(...EVENTS);
const options: fc.Arbitrary<OptionsSpec> = fc.record({
  every: fc.integer({ min: 1, max: 3 }),
  limit: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.constant(Infinity)),
  repeat: fc.integer({ min: 1, max: 3 }),
  when: fc.nat(1),
  signal: fc.nat(1),
}, { requiredKeys: [] });
const off = fc.record({ kind: fc.constant("off" as const), which: fc.nat(20) });
const toggle = fc.record({ kind: fc.constant("toggle" as const), gate: fc.nat(1) });
const abort = fc.record({ kind: fc.constant("abort" as const), which: fc.nat(1) });
const emit = fc.record({ kind: fc.constant("emit" as const), event: eventName });
const fault = fc.record({ kind: fc.constant("throw" as const) });
const on = (steps: fc.Arbitrary<Step[]>): fc.Arbitrary<Step> =>
  fc.record({ kind: fc.constant("on" as const), event: eventName, options, steps });
const simple: fc.Arbitrary<Step> = fc.oneof(off, toggle, emit, abort, fault);
const lateOn = on(fc.array(simple, { maxLength: 1 }));
const inside: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: simple },
  { weight: 2, arbitrary: lateOn },
);
const program: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: on(fc.array(inside, { maxLength: 2 })) },
    { weight: 6, arbitrary: emit },
    { weight: 1, arbitrary: off },
    { weight: 1, arbitrary: toggle },
    {
      weight: 1,
      arbitrary: fc.oneof({ weight: 3, arbitrary: toggle }, { weight: 1, arbitrary: abort }),
    },
  ),
  { minLength: 5, maxLength: 40 },
);

Deno.test(`Emitter does what a plain model does (seed ${SEED}, ${RUNS} programs)`, () => {
  fc.assert(
    fc.property(program, (program) => {
      assertEquals(trace(new Real(), program), trace(new Model(), program));
    }),
    { seed: SEED, numRuns: RUNS },
  );
  // Else the programs would show nothing.
  for (const count of Object.values(reached)) assertGreater(count, RUNS / 10);
});
