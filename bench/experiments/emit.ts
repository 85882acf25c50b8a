/** The cost of emitting an event. @module */

import { Emitter } from "@amltk/scheduling";
import createMitt from "mitt";
import { check, rate, sumBelow } from "../checks.ts";
import type { Experiment } from "../model.ts";
import type { Sizes } from "../sizes.ts";

type Ticks = { tick: [n: number] };

// Its types declare a CommonJS module, where the default export is a property.
const mitt = createMitt as unknown as typeof createMitt.default;

/** An event with one callback, with default options. */
export function emit({ emits }: Sizes): Experiment {
  const name = "emit, one callback";
  return {
    name,
    unit: "ops/s",
    contenders: [
      { name: "Emitter", measure: () => emitter(emits) },
      { name: "mitt", measure: () => mittEmitter(emits) },
      { name: "EventTarget", measure: () => eventTarget(emits / 10) },
      { name: "EventTarget, one event", measure: () => eventTargetOneEvent(emits / 10) },
    ],
    rows: [
      { name, of: "Emitter", over: ["mitt"], target: { atLeast: 0.5 } },
      { name, of: "Emitter", over: ["EventTarget"], target: { atLeast: 5 } },
      { name, of: "Emitter", over: ["EventTarget, one event"] },
    ],
  };
}

/** An event without callbacks, compared with a method that only counts its calls. */
export function emitUnheard({ emits }: Sizes): Experiment {
  const name = "emit, no callback";
  return {
    name,
    unit: "ops/s",
    contenders: [
      { name: "Emitter", measure: () => unheard(emits) },
      { name: "empty method", measure: () => emptyMethod(emits * 10) },
    ],
    rows: [{ name, of: "Emitter", over: ["empty method"], target: { atLeast: 0.1 } }],
  };
}

function emitter(count: number): number {
  const emitter = new Emitter<Ticks>({ events: ["tick"] });
  let sum = 0;
  emitter.on("tick", (n) => {
    sum += n;
  });
  const since = performance.now();
  for (let n = 0; n < count; n++) emitter.emit("tick", n);
  const result = rate(count, since);
  check(sum, sumBelow(count));
  return result;
}

function mittEmitter(count: number): number {
  const emitter = mitt<{ tick: number }>();
  let sum = 0;
  emitter.on("tick", (n) => {
    sum += n;
  });
  const since = performance.now();
  for (let n = 0; n < count; n++) emitter.emit("tick", n);
  const result = rate(count, since);
  check(sum, sumBelow(count));
  return result;
}

/** Makes an event for each dispatch, because only the event can carry a value. */
function eventTarget(count: number): number {
  const target = new EventTarget();
  let sum = 0;
  target.addEventListener("tick", (event) => {
    sum += (event as CustomEvent<number>).detail;
  });
  const since = performance.now();
  for (let n = 0; n < count; n++) target.dispatchEvent(new CustomEvent("tick", { detail: n }));
  const result = rate(count, since);
  check(sum, sumBelow(count));
  return result;
}

/** Dispatches the same event again and again: the lowest cost, but no value. */
function eventTargetOneEvent(count: number): number {
  const target = new EventTarget();
  const event = new Event("tick");
  let heard = 0;
  target.addEventListener("tick", () => {
    heard++;
  });
  const since = performance.now();
  for (let n = 0; n < count; n++) target.dispatchEvent(event);
  const result = rate(count, since);
  check(heard, count);
  return result;
}

function unheard(count: number): number {
  const emitter = new Emitter<Ticks>({ events: ["tick"] });
  const since = performance.now();
  for (let n = 0; n < count; n++) emitter.emit("tick", n);
  const result = rate(count, since);
  check(emitter.eventCounts.tick, count);
  return result;
}

/** The cheapest method whose calls the compiler cannot remove. */
class Counter {
  calls = 0;

  call(_n: number): void {
    this.calls++;
  }
}

function emptyMethod(count: number): number {
  const counter = new Counter();
  const since = performance.now();
  for (let n = 0; n < count; n++) counter.call(n);
  const result = rate(count, since);
  check(counter.calls, count);
  return result;
}
