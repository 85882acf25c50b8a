// What functions print as events: all of it, as the console formats it, by call, in order with results.
// deno-lint-ignore-file no-console -- the functions print
import { EventNotKnownError, fromModule, Scheduler, type StartOptions } from "@amltk/scheduling";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";
import { during } from "../fixtures/during.ts";
import { outputLog, printedBy } from "../fixtures/output_log.ts";
import { runFixture } from "../fixtures/run_fixture.ts";

type Options = Omit<StartOptions, "output">;

const EXECUTORS: readonly [string, (count: number, options?: Options) => Scheduler][] = [
  [
    "workers",
    (count, options) => Scheduler.withWorkers(count, { ...BATCH, ...options, output: "event" }),
  ],
  [
    "processes",
    (count, options) => Scheduler.withProcesses(count, { ...options, output: "event" }),
  ],
];

/** Ways to print, and what each prints. `globalThis.process` stands for `node:process`. */
const WAYS: Readonly<Record<string, readonly [() => unknown, stdout: string, stderr?: string]>> = {
  "console.log()": [
    () => console.log("%s is %d", "x", 1.5, { a: [1, "b"] }),
    'x is 1 { a: [ 1, "b" ] }\n',
  ],
  "console.info()": [() => console.info("info"), "info\n"],
  "console.debug()": [() => console.debug("debug"), "debug\n"],
  "console.warn()": [() => console.warn("warning"), "", "warning\n"],
  "console.error()": [
    () => console.error("error", new Map([[1, 2]])),
    "",
    "error Map(1) { 1 => 2 }\n",
  ],
  "console.dir()": [() => console.dir({ deep: { deeper: {} } }), "{ deep: { deeper: {} } }\n"],
  "console.table()": [
    () => console.table([{ a: 1 }]),
    "┌───────┬───┐\n│ (idx) │ a │\n├───────┼───┤\n│     0 │ 1 │\n└───────┴───┘\n",
  ],
  "console.group()": [() => {
    console.group("outer");
    console.log("two\nlines");
    console.groupEnd();
    console.log("outside");
  }, "outer\n  two\n  lines\noutside\n"],
  "console.assert()": [
    () => {
      console.assert(1 < 2, "never");
      console.assert(1 > 2, "of %s", "course");
    },
    "",
    "Assertion failed: of course\n",
  ],
  "console.count()": [() => {
    console.count("n");
    console.count("n");
    console.countReset("n");
  }, "n: 1\nn: 2\n"],
  "console.log() of nothing": [() => console.log(), "\n"],
  "console.log() with css": [() => console.log("%cred", "color: red"), "red\n"],
  "a method without its console": [() => {
    const { log } = console;
    log("free");
  }, "free\n"],
  "Deno.stdout.write()": [
    async () => {
      const size = await Deno.stdout.write(new TextEncoder().encode("bytes"));
      await Deno.stderr.write(new TextEncoder().encode(String(size)));
    },
    "bytes",
    "5",
  ],
  "Deno.stdout.writeSync()": [
    () => {
      const size = Deno.stdout.writeSync(new TextEncoder().encode("50 %\r"));
      Deno.stderr.writeSync(new TextEncoder().encode(String(size)));
    },
    "50 %\r",
    "5",
  ],
  "Deno.stdout.writable": [async () => {
    const writer = Deno.stdout.writable.getWriter();
    await writer.write(new TextEncoder().encode("stream"));
    writer.releaseLock();
  }, "stream"],
  "process.stdout.write()": [
    async () => {
      const { default: process } = await import("node:process");
      await new Promise((resolve) => process.stdout.write("out\n", resolve));
      await new Promise((resolve) => process.stderr.write("err\n", resolve));
    },
    "out\n",
    "err\n",
  ],
  "the console of Node": [
    async () => {
      const { default: console, Console } = await import("node:console");
      const { stdout, stderr } = await import("node:process");
      console.log("default", { a: 1 });
      new Console({ stdout, stderr }).error("own");
    },
    "default { a: 1 }\n",
    "own\n",
  ],
  "escapes of its own": [() => console.log("\x1b[2J", "\u0007"), "\x1b[2J \u0007\n"],
};

for (const [executor, make] of EXECUTORS) {
  for (const [way, [print, stdout, stderr = ""]] of Object.entries(WAYS)) {
    Deno.test(`${executor}: ${way} comes as an event`, async () => {
      const printed = await printedBy(make(1), print);
      assertEquals([printed.stdout, printed.stderr], [stdout, stderr]);
    });
  }

  Deno.test(`${executor}: console.time() and console.trace() come as events`, async () => {
    const { stdout, stderr } = await printedBy(make(1), () => {
      console.time("t");
      console.timeEnd("t");
      console.trace("here");
    });
    assert(/^t: [\d.]+ms\n$/.test(stdout), stdout);
    assert(/^Trace: here\n {4}at .*\n/.test(stderr), stderr);
  });

  // --- by call, in order

  Deno.test(`${executor}: output comes between the results of its worker`, async () => {
    const scheduler = make(1);
    const log = outputLog(scheduler);
    const prints = scheduler.task((name: number) => {
      console.log("a", name);
      console.error("b", name);
      return [name];
    });
    const names = Array.from({ length: 300 }, (_, name) => name);
    await during(scheduler, () => void names.forEach((name) => prints.submit(name)));
    const expected = names.flatMap((name) => [
      `${name} stdout "a ${name}\\n"`,
      `${name} stderr "b ${name}\\n"`,
      `${name} done`,
    ]);
    assertEquals(log, expected);
  });

  Deno.test(`${executor}: async functions print for their own calls`, async () => {
    const scheduler = make(3);
    const log = outputLog(scheduler);
    const prints = scheduler.task(async (name: number) => {
      for (let line = 0; line < 5; line++) {
        console.log(name);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    });
    await during(scheduler, () => {
      for (let name = 0; name < 12; name++) prints.submit(name);
    });
    for (let name = 0; name < 12; name++) {
      const lines = Array.from({ length: 5 }, () => `${name} stdout "${name}\\n"`);
      const own = log.filter((entry) => entry.startsWith(`${name} `));
      assertEquals(own, [...lines, `${name} done`]);
    }
  });

  Deno.test(`${executor}: a running function's output comes at once`, async () => {
    const scheduler = make(1);
    const waits = scheduler.task(async (gate: string) => {
      console.log("waits");
      while (await Deno.stat(gate).then(() => true, () => false)) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
    const gate = await Deno.makeTempFile();
    // The function ends when this callback has been called.
    waits.onOutput(({ state }, text) => {
      assertEquals([state, text], ["running", "waits\n"]);
      Deno.removeSync(gate);
    });
    await during(scheduler, () => waits.submit(gate));
    assertEquals(waits.eventCounts.output, 1);
  });

  Deno.test(`${executor}: the scheduler's event precedes the task's`, async () => {
    const scheduler = make(1);
    const log: string[] = [];
    const prints = scheduler.task((_name: string) => console.log("text"), { name: "prints" });
    scheduler.onFutureOutput((future, text, stream) =>
      log.push(`scheduler ${future.taskName} ${text.trim()} ${stream}`)
    );
    prints.onOutput((future, text, stream) =>
      log.push(`task ${future.args[0]} ${text.trim()} ${stream}`)
    );
    await during(scheduler, () => prints.submit("one"));
    assertEquals(log, ["scheduler prints text stdout", "task one text stdout"]);
    await during(scheduler, () => scheduler.submit(() => console.log("without a task")));
    assertEquals([scheduler.eventCounts["future-output"], prints.eventCounts.output], [2, 1]);
  });

  Deno.test(`${executor}: two runs print as events`, async () => {
    const scheduler = make(1);
    const prints = scheduler.task(() => console.log("text"));
    for (const count of [1, 2]) {
      await during(scheduler, () => prints.submit());
      assertEquals(prints.eventCounts.output, count);
    }
  });

  // --- texts and bytes

  Deno.test(`${executor}: a character in parts is one character`, async () => {
    const { pieces } = await printedBy(make(1), () => {
      const bytes = new TextEncoder().encode("é😀");
      for (const byte of bytes) Deno.stdout.writeSync(Uint8Array.of(byte));
    });
    assertEquals(pieces, ["é", "😀"]);
  });

  Deno.test(`${executor}: half a character stays with its call`, async () => {
    const scheduler = make(1);
    const log = outputLog(scheduler);
    const writes = scheduler.task((_name: string, bytes: number[]) => {
      Deno.stdout.writeSync(Uint8Array.from(bytes));
    });
    await during(scheduler, () => {
      writes.submit("first", [0x61, 0xc3]);
      writes.submit("second", [0xa9, 0x62]);
    });
    assertEquals(log, [
      'first stdout "a"',
      'first stdout "\uFFFD"',
      "first done",
      'second stdout "\uFFFDb"',
      "second done",
    ]);
  });

  Deno.test(`${executor}: texts and half characters keep their order`, async () => {
    const { stdout, stderr } = await printedBy(make(1), () => {
      Deno.stdout.writeSync(Uint8Array.of(0xf0, 0x9f));
      console.error("between");
      console.log("after");
    });
    assertEquals([stdout, stderr], ["\uFFFDafter\n", "between\n"]);
  });

  Deno.test(`${executor}: bytes that are no text arrive as replacements`, async () => {
    const { stdout } = await printedBy(make(1), () => {
      Deno.stdout.writeSync(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0xff, 0x00, 0x62));
    });
    assertEquals(stdout, "\uFEFFa\uFFFD\u0000b");
  });

  Deno.test(`${executor}: lone surrogates arrive as the console prints them`, async () => {
    const { stdout } = await printedBy(make(1), () => console.log("a\uD800b\uDC00"));
    assertEquals(stdout, "a\uFFFDb\uFFFD\n");
  });

  Deno.test(`${executor}: long texts come in pieces of whole characters`, async () => {
    const { stdout, pieces } = await printedBy(
      make(1),
      () => console.log("a" + "😀".repeat(40_000)),
    );
    assertEquals(stdout === "a" + "😀".repeat(40_000) + "\n", true);
    assertEquals(pieces.map(({ length }) => length), [16_383, 16_384, 16_384, 16_384, 14_467]);
    assertEquals(pieces.every((piece) => piece.isWellFormed()), true);
  });

  Deno.test(`${executor}: many bytes come in pieces of whole characters`, async () => {
    const { stdout, pieces } = await printedBy(make(1), () => {
      Deno.stdout.writeSync(new TextEncoder().encode("aé".repeat(20_000)));
    });
    assertEquals(stdout === "aé".repeat(20_000), true);
    assert(pieces.every((piece) => piece.length <= 16_384 && !piece.includes("\uFFFD")));
  });

  // --- what belongs to no call, and what tasks do to the console

  Deno.test(`${executor}: what belongs to no call is printed by the program`, async () => {
    const { code, stdout, stderr } = await runFixture("prints_between.ts", ["--allow-all"], [
      executor,
    ]);
    assertEquals([code, stderr], [0, "initializer's error\n"]);
    assertEquals(stdout.trim().split("\n").sort(), [
      "initializer",
      "message between calls",
      "message between calls",
      "module",
      "said goodbye",
      'task "task\\n"',
      'timer "set\\n"',
      "timer between calls",
      'user "user\\n"',
    ]);
  });

  Deno.test(`${executor}: a call's output has no colours of the console`, async () => {
    const { stdout } = await runFixture("prints_coloured.ts", ["--allow-all"], [executor], {
      FORCE_COLOR: "1",
      NO_COLOR: "",
    });
    assertEquals(JSON.parse(stdout), ["{ a: 1 } b\n", "red\n", "\x1b[2mdim\n"]);
  });

  Deno.test(`${executor}: a task that replaces its console prints by its own`, async () => {
    const scheduler = make(1);
    const log = outputLog(scheduler);
    const replaces = scheduler.task((_name: string) => {
      const { log } = console;
      console.log = (...texts) => log("loud", ...texts);
    });
    const prints = scheduler.task((_name: string) => {
      console.log("text");
      globalThis.console = { ...console, log: () => {} };
      console.log("nothing");
    });
    await during(scheduler, async () => {
      await replaces.submit("first");
      await prints.submit("second");
    });
    assertEquals(log, ["first done", 'second stdout "loud text\\n"', "second done"]);
  });

  Deno.test(`${executor}: functions of modules print for their calls`, async () => {
    const scheduler = make(1);
    const url = import.meta.resolve("../fixtures/modules/prints.ts");
    const module = fromModule<typeof import("../fixtures/modules/prints.ts")>(url);
    const log = outputLog(scheduler);
    await during(scheduler, () => scheduler.submit(module.prints, "text"));
    assertEquals(log, ['text stdout "text\\n"', "text done"]);
  });
}

// --- programs that functions start

Deno.test("processes: what a function's programs print belongs to its call", async () => {
  const scheduler = Scheduler.withProcesses(1, { output: "event" });
  const texts: Record<string, string> = {};
  const gate = await Deno.makeTempFile();
  const starts = scheduler.task(async (_name: string, gate: string) => {
    const program = 'console.log("a line"); console.error("é");';
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", program],
      stdout: "inherit",
      stderr: "inherit",
    }).output();
    // Writes past the console.
    (await import("node:fs")).writeSync(2, "native\n");
    console.log("code", code);
    // Until the parent has passed on all of it.
    for (let wait = 0; wait < 6_000 && Deno.statSync(gate).size === 0; wait++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
  starts.onOutput((_future, text, stream) => {
    texts[stream] = `${texts[stream] ?? ""}${text}`;
    const isComplete = texts["stderr"]?.includes("native") && texts["stdout"]?.includes("a line");
    if (isComplete) Deno.writeTextFileSync(gate, "open");
  });
  await during(scheduler, () => starts.submit("starts", gate));
  await Deno.remove(gate);
  assertEquals(texts["stderr"], "é\nnative\n");
  assertEquals(texts["stdout"]?.split("code 0\n").join(""), "a line\n");
});

// --- the option

for (
  const [executor, make] of Object.entries({
    WebWorkerExecutor: (options: StartOptions) =>
      Scheduler.withWorkers(1, { ...BATCH, ...options }),
    ProcessExecutor: (options: StartOptions) => Scheduler.withProcesses(1, options),
  })
) {
  Deno.test(`${executor} honours output only as events`, () => {
    assertEquals(make({}).executor.features?.includes("output"), false);
    assertEquals(make({ output: "inherit" }).executor.features?.includes("output"), false);
    assertEquals(make({ output: "event" }).executor.features?.includes("output"), true);
    for (const output of ["events", true, null]) {
      assertThrows(
        () => make({ output: output as "event" }),
        TypeError,
        `output must be "inherit" or "event", not ${JSON.stringify(output)}`,
      );
    }
  });

  Deno.test(`${executor} without the option has no output events`, () => {
    const scheduler = make({});
    const task = scheduler.task(() => {});
    assertEquals("future-output" in scheduler.eventCounts, false);
    assertEquals("output" in task.eventCounts, false);
    const remedy =
      `${executor} does not pass on what calls print; use Scheduler.withWorkers(count, ` +
      `{ output: "event" }) or Scheduler.withProcesses(count, { output: "event" })`;
    for (
      const subscribe of [
        () => scheduler.onFutureOutput(() => {}),
        () => scheduler.on("future-output", () => {}),
        () => scheduler.stream("future-output"),
        () => task.onOutput(() => {}),
        () => task.hears("output"),
      ]
    ) {
      assertThrows(subscribe, EventNotKnownError, remedy);
    }
  });
}

Deno.test("Scheduler.withSequential() refuses output by name", () => {
  const task = Scheduler.withSequential().task(() => {});
  assertThrows(
    () => task.checkFeature("output"),
    TypeError,
    'SequentialExecutor does not honour output: use Scheduler.withWorkers(count, { output: "event" })',
  );
});
