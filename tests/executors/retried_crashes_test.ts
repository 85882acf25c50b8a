/** Each way to lose a worker, in the first attempt of a call with `Retry`. @module */

import { Retry, Scheduler, WorkerLostError, type WorkerLostReason } from "@amltk/scheduling";
import { assert, assertEquals } from "@std/assert";
import { remains } from "../../tools/remains.ts";
import { BATCH } from "../fixtures/batch_option.ts";
import { during } from "../fixtures/during.ts";

const REASONS: Readonly<Record<string, WorkerLostReason>> = {
  "Deno.exit()": "exit",
  "process.exit()": "exit",
  "self.close()": "close",
  "an error in a timer": "uncaught-error",
  "an unhandled rejection": "uncaught-error",
  "SIGKILL": "killed",
};

/** Ends its worker unless it finds the mark of an earlier attempt. */
async function crashesOnce(mark: string, how: string): Promise<string> {
  try {
    Deno.writeTextFileSync(mark, "", { createNew: true });
  } catch {
    return "second attempt";
  }
  switch (how) {
    case "Deno.exit()":
      return Deno.exit(3);
    case "process.exit()":
      return (await import("node:process")).exit(3);
    case "self.close()":
      self.close();
      break;
    case "an error in a timer":
      setTimeout(() => {
        throw new RangeError("late");
      });
      break;
    case "an unhandled rejection":
      Promise.reject(new RangeError("late"));
      break;
    case "SIGKILL":
      Deno.kill(Deno.pid, "SIGKILL");
  }
  return await new Promise(() => {});
}

testRetries("workers", (count) => Scheduler.withWorkers(count, BATCH));
testRetries("processes", (count) => Scheduler.withProcesses(count, BATCH));

function testRetries(executor: string, make: (count: number) => Scheduler): void {
  for (const [how, reason] of Object.entries(REASONS)) {
    if (how === "SIGKILL" && executor === "workers") continue;
    Deno.test(`${executor}: a call that is lost by ${how} is tried again`, async () => {
      const folder = await Deno.makeTempDir();
      const scheduler = make(1);
      const crashes = scheduler.task(crashesOnce, { plugins: new Retry({ maxAttempts: 2 }) });
      const other = scheduler.task((n: number) => n);
      const reasons: WorkerLostReason[] = [];
      crashes.on("retry", (_future, _attempt, error) => {
        assert(error instanceof WorkerLostError);
        reasons.push(error.reason);
      });
      await during(scheduler, async () => {
        const calls = [1, 2, 3].map((n) => crashes.submit(`${folder}/${n}`, how));
        const others = [1, 2, 3].map((n) => other.submit(n));
        assertEquals(await Promise.all(calls), Array(3).fill("second attempt"));
        assertEquals(await Promise.all(others), [1, 2, 3]);
      });
      assertEquals(reasons, [reason, reason, reason]);
      assertEquals(scheduler.eventCounts["future-done"], 6);
      assertEquals(await remains(), []);
      await Deno.remove(folder, { recursive: true });
    });
  }
}
