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
