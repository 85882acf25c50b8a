/** The kinds of tasks that talk with the main thread. @module */

import type { AnyTask, WorkerComm } from "@amltk/scheduling";
import type { Kind } from "./kinds.ts";
import { either, gives, isCancelled, losesWorker } from "./outcome.ts";

type Talk = WorkerComm<{ sent: number; asked: number; answered: string }>;

// How many messages the function of the task with the number `n` sends: 0, 1, 2, … in this order.
const countOf = (n: number) => n % 5;
const GRACE = 60_000;
// For functions that never look.
const SHORT_GRACE = 20;

const answers = gives((n) => `answer to ${n}`);

async function talks(comm: Talk, n: number): Promise<string> {
  for (let sent = 0; sent < n % 5; sent++) comm.send(sent);
  return await comm.request(n);
}

/** Their functions take a `WorkerComm` in front of the number of the task. */
export const talking: readonly Kind[] = [
  {
    name: "talks",
    weight: 300,
    run: functionOf(talks),
    talking: { messages: countOf },
    expected: answers,
  },
  {
    name: "talks, cancelled at some time",
    weight: 60,
    run: functionOf(talks),
    talking: { messages: countOf },
    cancellation: "cancel at some time",
    expected: either(answers, isCancelled),
  },
  {
    name: "sends messages, then exits",
    weight: 25,
    run: functionOf((comm, n) => {
      for (let sent = 0; sent < n % 5; sent++) comm.send(sent);
      Deno.exit(n % 100);
    }),
    talking: { messages: countOf },
    expected: losesWorker("exit", ({ exitCode }, n) => exitCode === n % 100),
  },
  {
    name: "computes until it is asked to end",
    weight: 60,
    needsFiles: true,
    run: functionOf((comm, n) => {
      comm.send(0);
      while (!comm.signal.aborted);
      return n;
    }),
    talking: { messages: () => 1, grace: GRACE },
    expected: gives((n) => n),
  },
  {
    name: "computes on when it is asked to end",
    weight: 25,
    only: "processes",
    run: functionOf((comm) => {
      comm.send(0);
      for (;;);
    }),
    talking: { messages: () => 1, grace: SHORT_GRACE },
    expected: isCancelled,
  },
];

/** Answers the requests of a task, and asks its calls to end if its kind wants that. */
export function answer(task: AnyTask, grace: number | undefined): void {
  task.on("comm-request", (_future, n, respond) => respond(`answer to ${n}`));
  if (grace !== undefined) task.on("comm-message", (future) => future.cancel({ grace }));
}

// The number of the task is the first argument of `submit()`.
function functionOf(fn: (comm: Talk, n: number) => unknown): Kind["run"] {
  return fn as unknown as Kind["run"];
}
