/** What the pool learns of batches on processes: from their file, or from their messages alone. @module */

import { type Future, ProcessExecutor, Scheduler, WorkerLostError } from "@amltk/scheduling";
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { InheritedFile } from "../../executors/_links/inherited_file.ts";
import { ProcessLink } from "../../executors/_links/process_link.ts";
import type { LinkListener } from "../../executors/_links/worker_link.ts";
import { withoutFiles } from "../fixtures/without_files.ts";

// Ends a run in which a call is lost.
const RUN = { timeout: 60_000, wait: false, onException: "ignore" } as const;
// The engine can write such a value, but cannot read it.
const UNREADABLE_LEVELS = 3000;

// Before any test takes the folder for temporary files away.
const FOLDER = Deno.makeTempDirSync();
addEventListener("unload", () => Deno.removeSync(FOLDER, { recursive: true }));

/** A test in both modes. */
function testBoth(name: string, fn: (hasFile: boolean) => Promise<void>): void {
  Deno.test(`processes: ${name}`, () => fn(true));
  Deno.test(`processes without files: ${name}`, () => withoutFiles(() => fn(false)));
}

function make(workerCount = 1): Scheduler {
  return new Scheduler(new ProcessExecutor(workerCount, { batch: 256 }));
}

function nested(levels: number): unknown {
  let value: unknown = {};
  for (let level = 0; level < levels; level++) value = { value };
  return value;
}

/** Lets what was submitted leave for its worker. */
async function microtasks(): Promise<void> {
  for (let n = 0; n < 20; n++) await undefined;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Blocks this thread, so that it reads all that the process sends meanwhile at once. */
function block(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}

for (const isFirst of [true, false]) {
  const where = isFirst ? "before" : "behind";
  testBoth(`an unreadable call ${where} a batch fails alone`, async () => {
    const scheduler = make();
    const show = scheduler.task(async (n: number) => {
      await new Promise((resolve) => setTimeout(resolve));
      return `text ${n}`;
    });
    const take = scheduler.task((value: unknown) => typeof value);
    let shown: Future<string>[] = [];
    let refused: Future | undefined;
    // Calls that a callback submits cross together; those after it cross in a batch of their own.
    const both = [
      () => refused = take.submit(nested(UNREADABLE_LEVELS)),
      () => shown = Array.from({ length: 40 }, (_, n) => show.submit(n)),
    ];
    const [first, second] = isFirst ? both : both.toReversed();
    show.onResult(async () => {
      first?.();
      await microtasks();
      second?.();
      await microtasks();
      block(500);
    }, { limit: 1 });
    scheduler.onStart(() => void show.submit(-1));
    assertEquals((await scheduler.run(RUN)).code, "exhausted");
    assertEquals(shown.map(({ exception, result }) => exception ?? result), [
      ...Array.from({ length: 40 }, (_, n) => `text ${n}`),
    ]);
    assertInstanceOf(refused?.exception, DOMException);
  });
}

testBoth("a call that ended before a cancelled one keeps what it printed", async () => {
  const folder = await Deno.makeTempDir({ dir: FOLDER });
  const scheduler = new Scheduler(new ProcessExecutor(1, { batch: 256, output: "event" }));
  const work = scheduler.task((n: number, folder: string) => {
    // deno-lint-ignore no-console -- captured by the test
    console.log(`printed ${n}`);
    if (n < 2) return n;
    Deno.writeTextFileSync(`${folder}/started`, "");
    return new Promise<number>(() => {});
  });
  const seen: unknown[] = [];
  work.onOutput((_future, text) => seen.push(text));
  work.onResult((_future, result) => seen.push(result));
  work.onResult(async () => {
    const [, running] = [work.submit(1, folder), work.submit(2, folder)];
    await microtasks();
    // This thread reads nothing of what the process sends before it cancels the call.
    while (!exists(`${folder}/started`)) block(1);
    running?.cancel();
  }, { limit: 1 });
  scheduler.onStart(() => void work.submit(0, folder));
  assertEquals((await scheduler.run(RUN)).code, "exhausted");
  assertEquals(seen, ["printed 0\n", 0, "printed 1\n", 1]);
});

for (const text of ["x", "a text that is longer than the head of a frame"]) {
  testBoth(
    `a call that writes ${text.length} bytes to its pipe blocks no other`,
    async (hasFile) => {
      const scheduler = make();
      const work = scheduler.task((n: number, text: string) => {
        // An import would let other calls wait.
        const { process } = globalThis as unknown as { process: typeof import("node:process") };
        if (n === 20) process.getBuiltinModule("node:fs").writeSync(3, text);
        return n;
      });
      let futures: Future<number>[] = [];
      work.onResult(() => {
        futures = Array.from({ length: 40 }, (_, n) => work.submit(n, text));
      }, { limit: 1 });
      scheduler.onStart(() => void work.submit(-1, text));
      assertEquals((await scheduler.run(RUN)).code, "exhausted");
      const failed = futures.filter(({ exception }) => exception !== undefined);
      // At most one: it may have ended before its bytes are read, and others run when they are. What it has
      // written hides which of the calls behind it have started, unless a file shows that.
      assert(failed.length <= (hasFile ? 1 : 20), String(failed[0]?.exception));
      for (const { exception } of futures.slice(0, 19)) assertEquals(exception, undefined);
      for (const { exception } of failed) assertInstanceOf(exception, WorkerLostError);
      assertEquals(
        futures.map(({ exception, result }) => exception ?? result),
        futures.map(({ exception }, n) => exception ?? n),
      );
    },
  );
}

const ignore = Deno.build.os === "windows";

Deno.test("ProcessLink keeps its file until it is unwatched", { ignore }, async () => {
  const file = InheritedFile.make(1);
  file?.write(Uint8Array.of(7), 0);
  const read = () => {
    const bytes = new Uint8Array(1);
    file?.read(bytes, 0);
    return bytes[0];
  };
  const ended = Promise.withResolvers<number | undefined>();
  const listener: Partial<LinkListener> = {
    capturesOutput: false,
    ended: () => ended.resolve(read()),
  };
  // A program that ends at once, because it is no worker.
  const command = { args: ["eval", "Deno.exit(3)"], env: {}, memory: undefined, file };
  const link = new ProcessLink(command, listener as LinkListener);
  // What the process has written to its file is read after its end.
  assertEquals(await ended.promise, 7);
  await link.terminate(false);
  assertEquals(read(), 7);
  link.unwatch();
  assertEquals(read(), 0);
});
