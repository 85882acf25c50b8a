/**
 * Faults that only processes survive, at every point of a task: endless loops, exhausted memory, signals.
 * `web_worker_faults_test.ts` shows how threads behave.
 *
 * @module
 */

import { type ErrorClass, Scheduler, type TaskFunction, WorkerLostError } from "@amltk/scheduling";
import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { serialize } from "node:v8";
import { encodeFrame } from "../../executors/_wire/frames.ts";
import { remains } from "../../tools/remains.ts";
import { actWhen } from "../fixtures/act_when.ts";
import { cancelRunning, lossOf, type Make } from "../fixtures/failure_of.ts";
import { moduleOf } from "../fixtures/module_of.ts";
import { endless } from "../fixtures/modules/endless.ts";

const make: Make = (count) => Scheduler.withProcesses(count);

// --- loops

const loops: Readonly<Record<string, TaskFunction>> = {
  ...endless,
  "a busy loop after an await": async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    for (;;);
  },
  "a busy loop while its module is loaded": moduleOf("for (;;); export const work = () => 1;"),
  "a busy loop while its result is read": () => ({
    get trap() {
      for (;;);
    },
  }),
  "a busy loop while its error is read": () => {
    throw Object.defineProperty(new Error(), "message", {
      get() {
        for (;;);
      },
    });
  },
};

for (const [what, fn] of Object.entries(loops)) {
  Deno.test(`processes: ${what} is ended by cancel()`, () => cancelRunning(make, fn));
}

Deno.test("processes: a busy loop while the process ends keeps nobody waiting", async () => {
  const error = await lossOf(make, () => {
    addEventListener("unload", () => {
      for (;;);
    });
    Deno.exit(3);
  }, "exit");
  assertEquals(error.exitCode, 3);
});

Deno.test("processes: a busy loop is ended by stop() with wait false", async () => {
  const scheduler = make(1);
  scheduler.onStart(() => {
    const spinning = scheduler.submit(() => {
      for (;;);
    });
    actWhen(scheduler, () => spinning.state === "running", () => scheduler.stop());
  });
  assertEquals(await scheduler.run({ wait: false }), { code: "stopped", runaways: 0 });
  assertEquals(scheduler.eventCounts["future-cancelled"], 1);
  assertEquals(await remains(), []);
});

// --- memory

const hoards: Readonly<Record<string, TaskFunction>> = {
  "while it runs": () => {
    const hoard: number[][] = [];
    for (;;) hoard.push(new Array(1_000_000).fill(0.5));
  },
  "after an await": async () => {
    const hoard: number[][] = [];
    for (;;) {
      await null;
      hoard.push(new Array(1_000_000).fill(0.5));
    }
  },
  "while its module is loaded": moduleOf(`
    const hoard = [];
    for (;;) hoard.push(new Array(1_000_000).fill(0.5));
    export const work = () => 1;
  `),
  "while its result is read": () => ({
    get trap() {
      const hoard: number[][] = [];
      for (;;) hoard.push(new Array(1_000_000).fill(0.5));
    },
  }),
};

for (const [when, fn] of Object.entries(hoards)) {
  Deno.test(`processes: a heap that is full ${when} ends the process alone`, async () => {
    // Processes inherit the environment: a small heap is full sooner.
    Deno.env.set("DENO_V8_FLAGS", "--max-old-space-size=64");
    try {
      const { signal } = await lossOf(make, fn, "killed");
      assertEquals(typeof signal, "string");
    } finally {
      Deno.env.delete("DENO_V8_FLAGS");
    }
  });
}

Deno.test({
  name: "processes: buffers that exhaust the memory fail their task alone",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const scheduler = make(1);
    scheduler.onStart(async () => {
      const pid = await scheduler.submit(() => Deno.pid);
      await limitData(pid, 200 * 2 ** 20);
      const hoarding = scheduler.submit(() => {
        const hoard: Uint8Array[] = [];
        for (;;) hoard.push(new Uint8Array(16 * 2 ** 20).fill(1));
      });
      const error = await hoarding.catch((error) => error);
      // V8 decides: an allocation fails, or the process is killed.
      assert(error instanceof RangeError || error instanceof WorkerLostError, String(error));
      assertEquals(await scheduler.submit(() => "next"), "next");
    });
    const onException: [ErrorClass, "ignore"][] = [[RangeError, "ignore"], [
      WorkerLostError,
      "ignore",
    ]];
    assertEquals((await scheduler.run({ onException })).code, "exhausted");
    assertEquals(scheduler.eventCounts["future-exception"], 1);
    assertEquals(await remains(), []);
  },
});

/** Lets a process allocate so many more bytes, for heap and buffers alike. */
async function limitData(pid: number, more: number): Promise<void> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const data = Number(/^VmData:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  const { success } = await new Deno.Command("prlimit", {
    args: ["--pid", `${pid}`, `--data=${data + more}`],
  }).output();
  assert(success);
}

// --- signals

const signals = ["SIGKILL", "SIGTERM", "SIGINT", "SIGABRT"] as const;

Deno.test("processes: a process ended by a signal names it", async () => {
  const scheduler = make(1);
  scheduler.onStart(async () => {
    for (const signal of signals) {
      const pid = await scheduler.submit(() => Deno.pid);
      const running = scheduler.submit(() => new Promise(() => {}));
      while (running.state !== "running") await new Promise((resolve) => setTimeout(resolve, 1));
      Deno.kill(pid, signal);
      const error = await assertRejects(() => running, WorkerLostError);
      assertEquals([error.reason, error.signal], ["killed", signal]);
    }
    assertEquals(await scheduler.submit(() => "next"), "next");
  });
  await scheduler.run({ onException: [[WorkerLostError, "ignore"]] });
  assertEquals(scheduler.eventCounts["future-exception"], signals.length);
  assertEquals(await remains(), []);
});

Deno.test("processes: a process that signals itself names the signal", async () => {
  const error = await lossOf(make, () => {
    Deno.kill(Deno.pid, "SIGKILL");
    return new Promise(() => {});
  }, "killed");
  assertEquals([error.signal, error.exitCode], ["SIGKILL", undefined]);
});

Deno.test("processes: a process that is killed while it starts is replaced", async () => {
  const scheduler = make(1);
  scheduler.onStart(async () => {
    const first = scheduler.submit(() => Deno.pid);
    const [starting = ""] = await remains();
    const pid = Number(/^process (\d+)$/.exec(starting)?.[1]);
    assertEquals(first.state, "pending");
    Deno.kill(pid, "SIGKILL");
    const second = await first;
    assert(second !== pid);
  });
  assertEquals(await scheduler.run(), { code: "exhausted", runaways: 0 });
  assertEquals(await remains(), []);
});

Deno.test("processes: killing an idle process fails no task", async () => {
  const scheduler = make(1);
  scheduler.onStart(async () => {
    const pid = await scheduler.submit(() => Deno.pid);
    Deno.kill(pid, "SIGKILL");
    // At once, so that the call may be sent to the dead process, where it cannot start.
    assert(await scheduler.submit(() => Deno.pid) !== pid);
  });
  assertEquals(await scheduler.run(), { code: "exhausted", runaways: 0 });
  assertEquals(await remains(), []);
});

const spoils: Readonly<Record<string, TaskFunction>> = {
  "Array.prototype.map()": () => {
    Array.prototype.map = () => {
      throw new RangeError("spoilt");
    };
  },
  "Promise.prototype.then()": () => {
    Promise.prototype.then = () => {
      throw new RangeError("spoilt");
    };
  },
  "Uint8Array.prototype.subarray()": () => {
    Uint8Array.prototype.subarray = () => new Uint8Array(0);
  },
  "Map.prototype.get()": () => {
    Map.prototype.get = () => undefined;
  },
  "iterators of Map": () => {
    Map.prototype[Symbol.iterator] = () => {
      throw new RangeError("spoilt");
    };
  },
};

for (const [what, spoil] of Object.entries(spoils)) {
  Deno.test(`no call is lost though a task breaks ${what} in its process`, async () => {
    const scheduler = make(1);
    const same = scheduler.task((n: number) => n);
    scheduler.onStart(async () => {
      // The call may have ended before the fault is noticed.
      await scheduler.submit(spoil).catch((error) => assertInstanceOf(error, WorkerLostError));
      assertEquals(await Promise.all([same.submit(1), same.submit(2)]), [1, 2]);
    });
    await scheduler.run({ onException: [[WorkerLostError, "ignore"]] });
  });
}

/** Writes to the pipe of its process, for which it needs no permission. */
const writes: TaskFunction<[frames: readonly (readonly number[])[]], Promise<void>> = async (
  frames,
) => {
  const { writeSync } = await import("node:fs");
  for (const frame of frames) writeSync(3, Uint8Array.from(frame));
  await new Promise<never>(() => {});
};

const OF_BUFFER = 2 ** 31;

/** The head of a frame: its length and the complement of that, changed by a mark. */
function headOf(length: number, mark = 0): number[] {
  return [...new Uint8Array(Uint32Array.of(length, ~length ^ mark).buffer)];
}

function frameOf(message: unknown): number[] {
  const body = serialize(message);
  return [...headOf(body.length), ...body];
}

/** The frame of a value whose buffer was to be sent before. */
function frameWithoutBuffer(): number[] {
  return [...(encodeFrame(new ArrayBuffer(2 ** 16)).at(-1) ?? [])];
}

const notice = (content: unknown) => frameOf({ "@amltk/scheduling": content });

const hostile: Readonly<Record<string, readonly (readonly number[])[]>> = {
  "what is no frame": [[...new TextEncoder().encode("some text")]],
  "what is no value": [[...headOf(4), 9, 9, 9, 9]],
  "an empty value": [headOf(0)],
  "a value longer than its memory": [headOf(2 ** 32 - 1)],
  "a buffer longer than its memory": [headOf(2 ** 32 - 1, OF_BUFFER)],
  "a value longer than its memory with its buffer": [
    [...headOf(2 ** 16, OF_BUFFER), ...new Uint8Array(2 ** 16)],
    headOf(2 ** 29),
  ],
  "a buffer that is too short": [[...headOf(1, OF_BUFFER), 9]],
  "a value without its buffer": [frameWithoutBuffer()],
  "an error that is none": [notice({ type: "uncaught-error", error: 5 })],
};

for (const [what, frames] of Object.entries(hostile)) {
  Deno.test(`a process whose task writes ${what} to its pipe is replaced`, async () => {
    const scheduler = Scheduler.withProcesses(1, { permissions: "none", memory: "256 MiB" });
    scheduler.onStart(async () => {
      const error = await assertRejects(() => scheduler.submit(writes, frames), WorkerLostError);
      assertEquals(error.reason, "died");
      assertEquals(await scheduler.submit(() => 1), 1);
    });
    await scheduler.run({ onException: [[WorkerLostError, "ignore"]] });
    assertEquals(await remains(), []);
  });
}
