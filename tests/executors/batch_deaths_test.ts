/** Processes that are killed at any moment of a batch: no call starts twice, and none is lost but one. @module */

import { type Future, ProcessExecutor, Scheduler, WorkerLostError } from "@amltk/scheduling";
import { assert, assertEquals } from "@std/assert";
import { remains } from "../../tools/remains.ts";
import { BATCH } from "../fixtures/batch_option.ts";
import { withoutFiles } from "../fixtures/without_files.ts";

const COUNT = 2000;
const KILLS = 8;

type Result = number | string;

/**
 * Notes its start, kills some of the processes, and returns what needs no message, what needs one, or one
 * that fills the pipe; now and then later.
 */
function note(n: number, folder: string): Result | Promise<Result> {
  Deno.writeTextFileSync(`${folder}/started`, `${n},`, { append: true });
  if (n % 400 === 399) Deno.kill(Deno.pid, "SIGKILL");
  const result = n % 3 === 0 ? `${Deno.pid} ${n % 60 === 0 ? " ".repeat(500_000) : ""}${n}` : n;
  return n % 11 === 0 ? new Promise((resolve) => setTimeout(resolve, 0, result)) : result;
}

/** Runs calls while their processes are killed again and again. */
async function assertSurvivesKills(folder: string): Promise<void> {
  const scheduler = new Scheduler(new ProcessExecutor(2, BATCH));
  const task = scheduler.task(note);
  const futures: Future<Result>[] = [];
  const killed = new Set<number>();
  task.onResult((_future, result) => {
    if (typeof result !== "string" || killed.size >= KILLS) return;
    const [pid = NaN, n = NaN] = result.split(/ +/).map(Number);
    // At other moments each time.
    if (n % 7 === 0 && !killed.has(pid)) setTimeout(() => kill(pid), n % 5);
  });
  const kill = (pid: number) => {
    try {
      Deno.kill(pid, "SIGKILL");
      killed.add(pid);
    } catch {
      // It has ended.
    }
  };
  scheduler.onStart(() => {
    for (let n = 0; n < COUNT; n++) futures.push(task.submit(n, folder));
  });
  const exit = await scheduler.run({ onException: "ignore" });
  assertEquals(exit, { code: "exhausted", runaways: 0 });
  assert(killed.size > 0);
  const ownKills = Math.floor(COUNT / 400);
  assertStartedOnce(futures, folder, killed.size + ownKills);
  assertEquals(await remains(), []);
}

function assertStartedOnce(
  futures: readonly Future<Result>[],
  folder: string,
  kills: number,
): void {
  const starts = new Map<number, number>();
  const noted = Deno.readTextFileSync(`${folder}/started`).split(",").slice(0, -1);
  for (const n of noted) starts.set(Number(n), (starts.get(Number(n)) ?? 0) + 1);
  let lost = 0;
  for (const [n, { result, exception }] of futures.entries()) {
    const count = starts.get(n) ?? 0;
    if (exception === undefined) {
      assertEquals([count, Number(`${result}`.split(" ").at(-1))], [1, n]);
      continue;
    }
    lost++;
    assert(exception instanceof WorkerLostError, String(exception));
    assertEquals(exception.signal, "SIGKILL");
    assert(count <= 1);
  }
  assert(lost <= kills, `${lost} calls were lost by ${kills} kills`);
}

Deno.test("processes: kills at any moment lose one call each", async () => {
  const folder = await Deno.makeTempDir();
  await assertSurvivesKills(folder);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("processes without files: kills at any moment lose one call each", async () => {
  const folder = await Deno.makeTempDir();
  await withoutFiles(() => assertSurvivesKills(folder));
  await Deno.remove(folder, { recursive: true });
});

/** Notes its start; one call writes to the pipe of its process what is no message. */
function spoil(n: number, folder: string): number {
  Deno.writeTextFileSync(`${folder}/started`, `${n},`, { append: true });
  for (const end = performance.now() + 0.2; performance.now() < end;);
  if (n === 100) {
    const { process } = globalThis as unknown as { process: typeof import("node:process") };
    const { writeSync } = process.getBuiltinModule("node:fs");
    writeSync(3, new TextEncoder().encode("this is no message"));
  }
  return n;
}

for (
  const [kind, within] of [
    ["processes", (fn: () => Promise<void>) => fn()],
    ["processes without files", withoutFiles],
  ] as const
) {
  Deno.test(`${kind}: calls behind one that spoils the pipe start once`, async () => {
    const folder = await Deno.makeTempDir();
    await within(async () => {
      const scheduler = new Scheduler(new ProcessExecutor(1, { batch: 256 }));
      const task = scheduler.task(spoil);
      const futures: Future<number>[] = [];
      scheduler.onStart(async () => {
        // Starts the process.
        await task.submit(0, folder);
        for (let n = 1; n < 200; n++) futures.push(task.submit(n, folder));
        // So that the process starts the calls behind that one before the pool sees what it has written.
        setTimeout(() => {
          for (const end = performance.now() + 300; performance.now() < end;);
        }, 5);
      });
      const exit = await scheduler.run({ onException: "ignore" });
      assertEquals(exit, { code: "exhausted", runaways: 0 });
      const starts = Deno.readTextFileSync(`${folder}/started`).split(",").slice(0, -1);
      assertEquals(starts.length, new Set(starts).size);
      assert(futures.every((future) => future.result !== undefined || future.exception));
    });
    await Deno.remove(folder, { recursive: true });
  });
}
