import {
  ExecutorBrokenError,
  fromModule,
  ProcessExecutor,
  Scheduler,
  WorkerLostError,
} from "@amltk/scheduling";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { isAlive } from "../fixtures/alive.ts";
import { fixtureCommand, runFixture } from "../fixtures/run_fixture.ts";

const PROJECT = new URL("../fixtures/project/", import.meta.url);

/** Runs `body` as the `start` callback of a scheduler with one process. */
async function during(
  options: ConstructorParameters<typeof ProcessExecutor>[1],
  body: (scheduler: Scheduler) => Promise<void>,
): Promise<void> {
  const scheduler = Scheduler.withProcesses(1, options);
  scheduler.onStart(() => body(scheduler));
  const exit = await scheduler.run({ onException: [[WorkerLostError, "ignore"]] });
  assertEquals(exit, { code: "exhausted", runaways: 0 });
}

Deno.test("ProcessExecutor refuses bad counts and options before anything is started", () => {
  const make = (options: Record<string, unknown>) => new ProcessExecutor(1, options);
  assertThrows(() => new ProcessExecutor(0), RangeError, "must be a positive integer, not 0");
  assertThrows(
    () => Scheduler.withProcesses({ memory: "1 GB" } as never),
    TypeError,
    "number of processes, the first argument, must be a number, not an object of Object: options come",
  );
  assertThrows(() => make({ heap: 1 }), TypeError, 'no option "heap"');
  assertThrows(
    () => make({ maxRunaways: 1 }),
    TypeError,
    'no option "maxRunaways" (Scheduler.withWorkers() has it)',
  );
  assertThrows(() => make({ memory: 0 }), RangeError, "memory must be a whole number of bytes");
  assertThrows(
    () => make({ memory: 512 }),
    RangeError,
    `memory must be at least "8 MiB", which a process needs to start, not 512 bytes: did you mean ` +
      `"512 MiB"?`,
  );
  for (const memory of ["1 MiB", "7.9 MiB", 5, 2 ** 23 - 1]) {
    assertThrows(() => make({ memory }), RangeError, `memory must be at least "8 MiB"`);
  }
  assertThrows(() => make({ memory: "1 lot" }), RangeError, 'not "1 lot"');
  assertThrows(() => make({ memory: true }), TypeError, "memory must be bytes or a text");
  assertThrows(() => make({ initializer: 1 }), TypeError, "initializer must be a function, not 1");
  assertThrows(() => make({ initializer: Math.max }), TypeError, "native code");
  assertThrows(() => make({ permissions: "all" }), TypeError, 'must be "none" or an object');
  assertThrows(() => make({ permissions: { disk: true } }), TypeError, 'has no "disk"');
  assertThrows(() => make({ permissions: { read: "x" } }), TypeError, "true, false or a list");
  assertThrows(() => make({ config: "/not/there.json" }), TypeError, "no file that can be read");
  assertThrows(() => make({ startTimeout: -1 }), RangeError, "startTimeout");
});

Deno.test("a compiled program is refused processes", () => {
  const { build } = Deno;
  Object.defineProperty(Deno, "build", { value: { ...build, standalone: true } });
  try {
    assertThrows(() => new ProcessExecutor(1), TypeError, "A compiled program has no Deno");
  } finally {
    Object.defineProperty(Deno, "build", { value: build });
  }
});

Deno.test("a process has the permissions that it is given, and no others", async () => {
  const state = (name: "read" | "net" | "env") => Deno.permissions.querySync({ name }).state;
  const states = async (options: ConstructorParameters<typeof ProcessExecutor>[1]) => {
    const found: string[] = [];
    await during(options, async (scheduler) => {
      for (const name of ["read", "net", "env"] as const) {
        found.push(await scheduler.submit(state, name));
      }
    });
    return found;
  };
  assertEquals(await states({}), ["granted", "granted", "granted"]);
  assertEquals(await states({ permissions: "none" }), ["denied", "denied", "denied"]);
  assertEquals(await states({ permissions: {} }), ["denied", "denied", "denied"]);
  assertEquals(await states({ permissions: { read: true } }), ["granted", "denied", "denied"]);
  await during({ permissions: { read: [PROJECT.pathname] } }, async (scheduler) => {
    const read = scheduler.task((path: string) => Deno.readTextFileSync(path).length > 0);
    assertEquals(await read.submit(new URL("work.ts", PROJECT).pathname), true);
    const denied = await read.submit("/etc/hosts").catch((error) => error);
    assertInstanceOf(denied, Deno.errors.NotCapable);
    scheduler.stop();
  }).catch((error) => assertInstanceOf(error, Deno.errors.NotCapable));
});

Deno.test("a program with partial permissions must name those of processes", async () => {
  const run = `--allow-run=${Deno.execPath()}`;
  const { stdout } = await runFixture("partial_permissions.ts", [
    "--allow-read",
    "--allow-env=NODE_V8_COVERAGE",
    run,
  ]);
  const [refused = "", given] = stdout.trim().split("\n");
  assertStringIncludes(refused, 'TypeError: This program has the permission "run" only in part');
  assertStringIncludes(refused, "withProcesses(2, { permissions:");
  assertEquals(given, "exhausted 42");
});

Deno.test("processes that may not start leave no timer", async () => {
  const { code, stdout, stderr } = await runFixture("no_processes.ts", []);
  assertEquals([code, stderr], [0, ""]);
  assertStringIncludes(stdout, "ExecutorBrokenError: No worker can be started");
});

Deno.test("processes that may not start break the executor alone", async () => {
  // With these permissions the start itself fails, which an event reports.
  const { code, stdout, stderr } = await runFixture("no_processes.ts", [
    "--allow-read",
    "--allow-env",
  ]);
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^ExecutorBrokenError: No worker can be started: .*Requires run access/);
});

Deno.test("a process resolves the imports of the project's own deno.json", async () => {
  const work = fromModule<{ answer(): number }>(new URL("work.ts", PROJECT));
  await during({ config: new URL("deno.json", PROJECT) }, async (scheduler) => {
    assertEquals(await scheduler.submit(work.answer), 42);
  });
});

Deno.test("the deno.json is found from any working directory", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    cwd: "/",
    args: [
      "run",
      "--quiet",
      `--import-map=${new URL("../../import_map.npm.json", import.meta.url).pathname}`,
      "--allow-all",
      new URL("main.ts", PROJECT).href,
    ],
  }).output();
  assertEquals(new TextDecoder().decode(stdout).trim(), "42", new TextDecoder().decode(stderr));
  assertEquals(code, 0);
});

Deno.test("running out of memory ends the process alone, by signal", async () => {
  await during({ memory: "64 MiB" }, async (scheduler) => {
    const hungry = scheduler.submit(() => {
      const hoard: number[][] = [];
      for (;;) hoard.push(new Array(1_000_000).fill(0.5));
    });
    const error = await assertRejects(() => hungry, WorkerLostError);
    assertEquals([error.reason, typeof error.signal], ["killed", "string"]);
    assertStringIncludes(error.message, "as happens when it is out of memory");
    assertEquals(await scheduler.submit(() => "next"), "next");
  });
});

Deno.test("a process starts with the least memory that is accepted", async () => {
  await during({ memory: "8 MiB" }, async (scheduler) => {
    const next = scheduler.task((n: number) => n + 1);
    for (let n = 0; n < 10; n++) assertEquals(await next.submit(n), n + 1);
  });
});

Deno.test("ProcessExecutor memory caps buffers; a function may catch the error", async () => {
  await during({ memory: "64 MiB" }, async (scheduler) => {
    const catches = scheduler.task((mebibytes: number) => {
      try {
        return new Uint8Array(mebibytes * 2 ** 20).fill(1).length;
      } catch (error) {
        return (error as Error).name;
      }
    });
    assertEquals(await catches.submit(16), 16 * 2 ** 20);
    assertEquals(await catches.submit(128), "RangeError");
  });
});

Deno.test("processes that cannot be capped break the executor", async () => {
  const path = Deno.env.get("PATH") ?? "";
  const scheduler = Scheduler.withProcesses(1, { memory: "64 MiB" });
  scheduler.onStart(() => {
    scheduler.submit(() => 1);
    // A PATH with neither sh nor prlimit.
    Deno.env.set("PATH", "/nowhere");
  });
  const run = scheduler.run().finally(() => Deno.env.set("PATH", path));
  await assertRejects(() => run, ExecutorBrokenError, "cannot be capped");
});

Deno.test("SIGKILL fails the running task and replaces an idle process", async () => {
  await during({}, async (scheduler) => {
    const pid = scheduler.task(() => Deno.pid);
    const first = await pid.submit();
    const stuck = scheduler.submit(() => new Promise(() => {}));
    while (stuck.state !== "running") await new Promise((resolve) => setTimeout(resolve, 1));
    Deno.kill(first, "SIGKILL");
    const error = await assertRejects(() => stuck, WorkerLostError);
    assertEquals([error.reason, error.signal], ["killed", "SIGKILL"]);
    const second = await pid.submit();
    Deno.kill(second, "SIGKILL");
    while (isAlive(second)) await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert(await pid.submit() !== second);
  });
});

Deno.test("a busy loop is killed for certain", async () => {
  let pid = 0;
  await during({}, async (scheduler) => {
    pid = await scheduler.submit(() => Deno.pid);
    const spin = scheduler.submit(() => {
      for (;;);
    });
    while (spin.state !== "running") await new Promise((resolve) => setTimeout(resolve, 1));
    spin.cancel();
    assert(await scheduler.submit(() => Deno.pid) !== pid);
  });
  assertEquals(isAlive(pid), false);
});

Deno.test("output of tasks is forwarded by whole lines", async () => {
  const { code, stdout, stderr } = await runFixture("prints.ts", ["--allow-all"]);
  assertEquals(code, 0);
  const lines = stdout.split("\n").toSorted();
  const expected = [0, 1].flatMap((task) =>
    Array.from({ length: 50 }, (_, n) => `task ${task} line ${n} ${"x".repeat(200)}`)
  );
  assertEquals(lines.join("\n"), ["", ...expected, "without newline"].toSorted().join("\n"));
  assertEquals(stderr.trim().split("\n"), ["an error", "an error"]);
});

Deno.test("no process outlives a parent that was killed, idle or busy", async () => {
  const child = fixtureCommand("leaves_orphans.ts", ["--allow-all"]).spawn();
  await child.stderr.cancel();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  const pids = value.trim().split(" ").map(Number);
  assertEquals(pids.map(isAlive), [true, true]);
  child.kill("SIGKILL");
  await reader.cancel();
  await child.status;
  const since = performance.now();
  while (pids.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 10));
  // The documentation promises a second; a busy machine may take longer.
  assert(performance.now() - since < 5000);
});

Deno.test("large values and many small ones cross whole", async () => {
  await during({}, async (scheduler) => {
    const large = new Float64Array(1_000_000).map((_, n) => n);
    const same = scheduler.task((value: unknown) => value);
    assertEquals((await same.submit(large) as Float64Array).at(-1), 999_999);
    const text = "x".repeat(5_000_000);
    assertEquals((await same.submit(text) as string).length, text.length);
    const values = [1n, new Map([[1, new Set(["a"])]]), [undefined, null], new Date(0), /x/g];
    for (const value of values) assertEquals(await same.submit(value), value);
  });
});
