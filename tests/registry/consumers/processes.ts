import { CpuTimeLimitError, ResourceLimits, Scheduler } from "@amltk/scheduling";
import { assertEquals, assertInstanceOf } from "@std/assert";

/** Plain functions in child processes; one of them never ends. */
export async function processes(): Promise<void> {
  const scheduler = Scheduler.withProcesses(1, { permissions: "none" });
  const endless = scheduler.task(() => {
    for (;;);
  }, { plugins: new ResourceLimits({ cpuTime: 50 }) });
  scheduler.onStart(async () => {
    assertEquals(await scheduler.submit((n: number) => n + 1, 1), 2);
    assertInstanceOf(await endless.submit().catch((error) => error), CpuTimeLimitError);
  });
  const exit = await scheduler.run({ onException: [[CpuTimeLimitError, "ignore"]] });
  assertEquals(exit.code, "exhausted");
}

/** A child process with a cap on its memory, on Linux. */
export async function cappedProcesses(): Promise<void> {
  if (Deno.build.os !== "linux") return;
  const scheduler = Scheduler.withProcesses(1, { permissions: "none", memory: "256 MiB" });
  scheduler.onStart(async () => {
    const tooMuch = scheduler.submit(() => new Uint8Array(2 ** 30).length);
    assertInstanceOf(await tooMuch.catch((error) => error), RangeError);
  });
  await scheduler.run({ onException: [[RangeError, "ignore"]] });
}
