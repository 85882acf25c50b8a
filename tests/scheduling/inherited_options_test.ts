/** Options are an object's own: what a library puts into `Object.prototype` is nobody's option. @module */

import {
  Emitter,
  Limiter,
  ProcessExecutor,
  ResourceLimits,
  Scheduler,
  WebWorkerExecutor,
  WorkerLostError,
} from "@amltk/scheduling";
import { assertEquals, assertThrows } from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";

// A value for every option that there is, each of which would be noticed.
const inherited: Readonly<Record<string, unknown>> = {
  // of callbacks, once() and stream()
  every: 2,
  when: () => false,
  limit: 1,
  repeat: 3,
  hidden: true,
  signal: AbortSignal.abort(new RangeError("inherited")),
  // of emitters, tasks and submissions
  name: "inherited",
  events: ["inherited"],
  plugins: [{ name: "inherited" }, { name: "inherited" }],
  transfer: "inherited",
  attachTask: () => {
    throw new RangeError("inherited");
  },
  preSubmit: () => null,
  // of run() and stop()
  timeout: -1,
  endOnEmpty: "inherited",
  wait: "inherited",
  onException: "inherited",
  onCancelled: "inherited",
  handleSignals: "inherited",
  message: "inherited",
  exception: new RangeError("inherited"),
  // of plugins
  maxCalls: 0,
  maxConcurrent: 0,
  notWhileRunning: "inherited",
  wallTime: -1,
  cpuTime: -1,
  memory: "inherited",
  // of executors
  initializer: () => {
    throw new RangeError("inherited");
  },
  startTimeout: -1,
  maxRunaways: 0,
  batch: 0,
  permissions: "inherited",
  unstableWorkerOptions: "inherited",
  config: "/inherited",
  net: true,
  // of errors
  cause: "inherited",
  exitCode: 7,
};

/** Calls a function while every object inherits these. */
function polluted<T>(body: () => T): T {
  for (const [name, value] of Object.entries(inherited)) {
    Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
  }
  try {
    return body();
  } finally {
    for (const name of Object.keys(inherited)) Reflect.deleteProperty(Object.prototype, name);
  }
}

Deno.test("Emitter() and its callbacks inherit no options", async () => {
  const clock = polluted(() => new Emitter<{ tick: [n: number] }>({ events: ["tick"] }));
  assertEquals([clock.name, clock.eventCounts], ["emitter", { tick: 0 }]);
  assertEquals(polluted(() => new Emitter()).eventCounts, {});
  const seen: number[] = [];
  polluted(() => {
    clock.on("tick", (n) => seen.push(n));
    clock.on("tick", (n) => seen.push(n), {});
    clock.subscriber("tick")((n) => seen.push(n), { repeat: 2 });
  });
  const [next, stream] = polluted(() => [clock.once("tick"), clock.stream("tick")] as const);
  clock.emit("tick", 1);
  clock.emit("tick", 2);
  assertEquals(seen, [1, 1, 1, 1, 2, 2, 2, 2]);
  assertEquals([await next, (await stream.next()).value], [[1], [1]]);
  await stream.return?.();
  const { callbacks = [] } = clock.statistics().events[0] ?? {};
  assertEquals(callbacks.map(({ options }) => options), [{}, {}, { repeat: 2 }]);
});

Deno.test("Scheduler.task(), with() and submit() inherit no options", async () => {
  const scheduler = polluted(() => Scheduler.withSequential());
  const task = polluted(() =>
    scheduler.task(function same(n: number) {
      return n;
    })
  );
  assertEquals([task.name, task.plugins], ["same", []]);
  assertEquals(polluted(() => scheduler.task(() => 1, { name: "given" })).plugins, []);
  scheduler.onStart(async () => {
    const futures = polluted(() => [
      task.submit(1),
      task.with({}).submit(2),
      task.with({ transfer: [] }).submit(3),
      scheduler.submit((n: number) => n, 4),
    ]);
    assertEquals(await Promise.all(futures), [1, 2, 3, 4]);
  });
  assertEquals((await scheduler.run()).code, "exhausted");
});

Deno.test("Scheduler.run() and stop() inherit no options", async () => {
  const scheduler = Scheduler.withSequential();
  const messages: unknown[][] = [];
  scheduler.onStop((...args) => messages.push(args));
  assertEquals((await polluted(() => scheduler.run())).code, "exhausted");
  assertEquals((await polluted(() => scheduler.run({}))).code, "exhausted");
  const calls: readonly [call: () => void, said: { message?: string }][] = [
    [() => scheduler.stop(), {}],
    [() => scheduler.stop({}), {}],
    [() => scheduler.stop({ message: "enough" }), { message: "enough" }],
    [() => scheduler.stop(1, 2), {}],
  ];
  for (const [call, said] of calls) {
    scheduler.onStart(() => polluted(call), { limit: 1 });
    assertEquals(await scheduler.run(), { code: "stopped", ...said, runaways: 0 });
  }
  const unsaid = ["stop() was called"];
  assertEquals(messages, [unsaid, unsaid, ["enough"], unsaid]);
});

Deno.test("Plugins inherit no options", async () => {
  const plugins = polluted(() =>
    [new Limiter({}), new ResourceLimits({ wallTime: 60_000 })] as const
  );
  assertEquals(plugins.map((plugin) => plugin.statistics()), [{}, { wallTime: 60_000 }]);
  assertThrows(() => polluted(() => new ResourceLimits({})), TypeError, "needs one of wallTime");
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const task = polluted(() => scheduler.task((n: number) => n, { plugins }));
  const free = scheduler.task((n: number) => n, {
    plugins: { name: "free", preSubmit: (submission) => ({ ...submission, limits: {} }) },
  });
  scheduler.onStart(async () => {
    // Its worker has started by then: the platform's own listeners would inherit the signal.
    await free.submit(0);
    const futures = polluted(() => [task.submit(1), task.submit(2), free.submit(3)]);
    assertEquals(await Promise.all(futures), [1, 2, 3]);
  });
  assertEquals((await scheduler.run()).code, "exhausted");
});

Deno.test("WebWorkerExecutor() inherits no options", async () => {
  for (
    const make of [() => new WebWorkerExecutor(1), () => new WebWorkerExecutor(1, { batch: 1 })]
  ) {
    const scheduler = new Scheduler(polluted(make));
    scheduler.onStart(async () => {
      assertEquals(await scheduler.submit(() => self.name), "worker-1");
    });
    assertEquals((await scheduler.run()).code, "exhausted");
  }
});

Deno.test("ProcessExecutor() inherits neither options nor permissions", async () => {
  const executors = polluted(() => [
    new ProcessExecutor(1, BATCH),
    new ProcessExecutor(1, { permissions: { read: true } }),
  ]);
  const states: string[] = [];
  for (const executor of executors) {
    const scheduler = new Scheduler(executor);
    scheduler.onStart(async () => {
      states.push(await scheduler.submit(() => Deno.permissions.querySync({ name: "net" }).state));
    });
    assertEquals((await scheduler.run()).code, "exhausted");
  }
  assertEquals(states, ["granted", "denied"]);
});

Deno.test("WorkerLostError() inherits no details", () => {
  const error = polluted(() => new WorkerLostError("lost", "died", {}));
  assertEquals(Object.keys(error), ["reason"]);
  assertEquals(Object.hasOwn(error, "cause"), false);
});
