import { Scheduler } from "@amltk/scheduling";
import { assertEquals } from "@std/assert";

/** Plain functions in Web Workers. */
export async function workers(): Promise<void> {
  const scheduler = Scheduler.withWorkers(2);
  const square = scheduler.task((n: number) => n ** 2);
  scheduler.onStart(async () => {
    assertEquals(await Promise.all([1, 2, 3].map((n) => square.submit(n))), [1, 4, 9]);
  });
  assertEquals((await scheduler.run()).code, "exhausted");
}

/** Web Workers without permissions, in a program that has some. */
export async function sandboxedWorkers(): Promise<void> {
  const scheduler = Scheduler.withWorkers(1, {
    permissions: "none",
    unstableWorkerOptions: true,
  });
  scheduler.onStart(async () => {
    const mayFetch = () => Deno.permissions.querySync({ name: "net" }).state === "granted";
    assertEquals(await scheduler.submit(mayFetch), false);
  });
  await scheduler.run();
}
