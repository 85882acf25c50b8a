// deno-lint-ignore-file no-console -- the claims are about what functions print
/** The claims about executors that pass on what calls print. @module */

import { assert, assertEquals } from "@std/assert";
import { Scheduler } from "../../scheduling/scheduler.ts";
import type { ExecutorCheck, MakeExecutor } from "./executor_check.ts";

/** The claims. They pass for executors that do not list the feature. */
export const OUTPUT_CLAIMS: readonly ExecutorCheck[] = [
  claim("passes on what a call prints, before its end", async (make) => {
    const log = await logOf(make(1), (n) => {
      console.log(`one ${n}`);
      console.error(`two ${n}`);
      console.log(`three ${n}`);
      return n;
    }, [1, 2]);
    assertEquals(log, [
      "1 stdout one 1\n",
      "1 stderr two 1\n",
      "1 stdout three 1\n",
      "1 done",
      "2 stdout one 2\n",
      "2 stderr two 2\n",
      "2 stdout three 2\n",
      "2 done",
    ]);
  }),
  claim("passes on what a call prints that then throws", async (make) => {
    const log = await logOf(make(1), (n) => {
      console.log("last words");
      throw new RangeError(`no ${n}`);
    }, [1]);
    assertEquals(log, ["1 stdout last words\n", "1 done"]);
  }),
  claim("names the call that has printed", async (make) => {
    const log = await logOf(make(3), async (n) => {
      for (let line = 0; line < 10; line++) {
        console.log(n);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }, [1, 2, 3, 4, 5, 6]);
    for (const n of [1, 2, 3, 4, 5, 6]) {
      const own = log.filter((entry) => entry.startsWith(`${n} `));
      assertEquals(own, [...Array.from({ length: 10 }, () => `${n} stdout ${n}\n`), `${n} done`]);
    }
  }),
  claim("passes on long texts, and cuts no character", async (make) => {
    const log = await logOf(make(1), () => console.log("a" + "😀é".repeat(50_000)), [1]);
    const pieces = log.slice(0, -1).map((entry) => entry.replace("1 stdout ", ""));
    assertEquals(pieces.join("") === "a" + "😀é".repeat(50_000) + "\n", true);
    assert(pieces.every((piece) => piece.isWellFormed()), "a character was cut");
    assertEquals(log.at(-1), "1 done");
  }),
  claim("passes on what calls of the next run print", async (make) => {
    const scheduler = new Scheduler(make(1));
    const task = scheduler.task(() => console.log("again"));
    scheduler.onStart(() => {
      task.submit();
    });
    await scheduler.run();
    await scheduler.run();
    assertEquals(scheduler.eventCounts["future-output"], 2);
  }),
];

/** Runs calls; returns what they print and when they end, each with the argument of its call. */
async function logOf(
  executor: ReturnType<MakeExecutor>,
  fn: (n: number) => unknown,
  args: readonly number[],
): Promise<string[]> {
  const scheduler = new Scheduler(executor);
  const task = scheduler.task(fn);
  const log: string[] = [];
  scheduler.onFutureOutput((future, text, stream) =>
    log.push(`${future.args[0]} ${stream} ${text}`)
  );
  scheduler.onFutureDone((future) => log.push(`${future.args[0]} done`));
  scheduler.onStart(() => {
    for (const n of args) task.submit(n);
  });
  await scheduler.run({ onException: "ignore" });
  return log;
}

function claim(name: string, check: (make: MakeExecutor) => Promise<void>): ExecutorCheck {
  return {
    name,
    async check(make) {
      if (make(1).features?.includes("output")) await check(make);
    },
  };
}
