// What output as events may not do: fill memory, stop timers, need permissions, or cost anything when it is off.
// deno-lint-ignore-file no-console -- the functions print
import { Scheduler } from "@amltk/scheduling";
import { assert, assertEquals } from "@std/assert";
import { leftBehind } from "../../tools/remains.ts";
import { actWhen } from "../fixtures/act_when.ts";
import { BATCH } from "../fixtures/batch_option.ts";
import { during } from "../fixtures/during.ts";

const MIB = 2 ** 20;

function spend(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

Deno.test("workers: a function is at most 256 texts ahead of its reader", async () => {
  const scheduler = Scheduler.withWorkers(4, { ...BATCH, output: "event" });
  const printed = new Int32Array(new SharedArrayBuffer(4 * 4));
  const floods = scheduler.task((name: number, printed: Int32Array) => {
    for (;;) {
      console.log("x");
      Atomics.add(printed, name, 1);
    }
  });
  const read = new Int32Array(4);
  let most = 0;
  let total = 0;
  floods.onOutput(({ args: [name] }) => {
    spend(1);
    most = Math.max(most, Atomics.load(printed, name) - (read[name] ?? 0));
    read[name] = (read[name] ?? 0) + 1;
    total++;
  });
  scheduler.onStart(() => {
    for (let name = 0; name < 4; name++) floods.submit(name, printed);
    // Needs timers to go on.
    actWhen(scheduler, () => total > 1500, scheduler.stop);
  });
  assertEquals((await scheduler.run({ wait: false })).runaways, 0);
  assert(most > 64 && most <= 256, `${most} texts were unread`);
  assertEquals(await leftBehind(), []);
});

Deno.test("processes: a flood of output fills no memory", async () => {
  const scheduler = Scheduler.withProcesses(4, { output: "event" });
  const floods = scheduler.task((name: number) => {
    for (;;) {
      if (name % 2 === 0) Deno.stdout.writeSync(new Uint8Array(2 ** 20).fill(65));
      else console.log("x".repeat(10_000));
    }
  });
  let total = 0;
  let most = 0;
  const before = Deno.memoryUsage().rss;
  floods.onOutput(() => {
    spend(1);
    if (++total % 100 === 0) most = Math.max(most, Deno.memoryUsage().rss - before);
  });
  scheduler.onStart(() => {
    for (let name = 0; name < 4; name++) floods.submit(name);
    actWhen(scheduler, () => total > 1500, scheduler.stop);
  });
  await scheduler.run({ wait: false });
  assert(most < 100 * MIB, `${Math.round(most / MIB)} MiB`);
  assertEquals(await leftBehind(), []);
});

Deno.test("processes: a flood of a program fills no memory", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const scheduler = Scheduler.withProcesses(1, { output: "event" });
  const floods = scheduler.task(async () => {
    await new Deno.Command("yes", { stdout: "inherit" }).output();
  });
  let total = 0;
  let most = 0;
  const before = Deno.memoryUsage().rss;
  floods.onOutput((_future, text) => {
    assertEquals([text.length <= 16_384, text.at(-1)], [true, "\n"]);
    spend(1);
    if (++total % 100 === 0) most = Math.max(most, Deno.memoryUsage().rss - before);
  });
  scheduler.onStart(() => {
    floods.submit();
    actWhen(scheduler, () => total > 1000, scheduler.stop);
  });
  await scheduler.run({ wait: false });
  assert(most < 100 * MIB, `${Math.round(most / MIB)} MiB`);
  assertEquals(await leftBehind(), []);
});

for (
  const [executor, make] of [
    ["workers", () => Scheduler.withWorkers(1, { ...BATCH, output: "event" })],
    ["processes", () => Scheduler.withProcesses(1, { output: "event" })],
  ] as const
) {
  Deno.test(`${executor}: fifty megabytes arrive whole, in pieces`, async () => {
    const scheduler = make();
    const prints = scheduler.task((size: number) => {
      Deno.stdout.writeSync(new Uint8Array(size).fill(65));
      console.error("b".repeat(size));
    });
    const sizes = { stdout: 0, stderr: 0 };
    prints.onOutput((_future, text, stream) => {
      assert(text.length <= 16_384);
      sizes[stream] += text.length;
    });
    await during(scheduler, () => prints.submit(25 * MIB));
    assertEquals(sizes, { stdout: 25 * MIB, stderr: 25 * MIB + 1 });
  });
}

// --- without the option

for (
  const [executor, make] of [
    ["workers", (output: "inherit" | "event") => Scheduler.withWorkers(1, { ...BATCH, output })],
    ["processes", (output: "inherit" | "event") => Scheduler.withProcesses(1, { output })],
  ] as const
) {
  Deno.test(`${executor} wrap the console only for events`, async () => {
    const isWrapped = () => Object.hasOwn(Deno.stdout, "writeSync");
    for (const [output, expected] of [["inherit", false], ["event", true]] as const) {
      const scheduler = make(output);
      assertEquals(await during(scheduler, () => scheduler.submit(isWrapped)), expected);
    }
  });
}

Deno.test("processes: output as events needs no permission of the function", async () => {
  const scheduler = Scheduler.withProcesses(1, { permissions: "none", output: "event" });
  const texts: string[] = [];
  scheduler.onFutureOutput((_future, text) => texts.push(text));
  await during(
    scheduler,
    () => scheduler.submit(() => console.log(Deno.permissions.querySync({ name: "read" }).state)),
  );
  assertEquals(texts, ["denied\n"]);
});
