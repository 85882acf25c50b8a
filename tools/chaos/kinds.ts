/**
 * The kinds of tasks: normal ones, and everything a task can do to its worker that the executor
 * must survive. Their functions cross as source text.
 *
 * @module
 */

import { fromModule } from "@amltk/scheduling";
import {
  either,
  type Expectation,
  failsWith,
  gives,
  isCancelled,
  losesWorker,
  throws,
} from "./outcome.ts";
import { journaled } from "./journaled.ts";
import { type Retried, retried } from "./retried.ts";
import { talking } from "./talking.ts";

/** The executor of a run. Without files, processes report by messages which calls have started. */
export type ExecutorName = "workers" | "processes" | "processes without files" | "nats";

/** The executors of this machine. */
export const EXECUTORS: readonly ExecutorName[] = [
  "workers",
  "processes",
  "processes without files",
];

/** How a future is cancelled: by `cancel()` or by its signal, and when. */
export type Cancellation =
  | "cancel at once"
  | "cancel when running"
  | "cancel at some time"
  | "abort before"
  | "abort at once"
  | "abort when running";

/** A kind of tasks. */
export interface Kind {
  readonly name: string;
  /** The frequency of the kind, relative to the others. */
  readonly weight: number;
  /** The only workers for this kind; all by default. */
  readonly only?: "workers" | "processes";
  /** Whether its functions never yield and yet see an abort, which takes a file in processes. */
  readonly needsFiles?: boolean;
  /** The function; `n` is the number of the task. */
  readonly run: (n: number, extra?: unknown) => unknown;
  /** The second argument of the function. */
  readonly extra?: unknown;
  readonly cancellation?: Cancellation;
  /** How its calls are tried again; their second argument is then a folder of the run. */
  readonly retried?: Retried;
  /** What its functions send, which then take a `WorkerComm` in front of the number. */
  readonly talking?: Talking;
  /** Whether a journal of the run keeps their results. */
  readonly journaled?: boolean;
  /** Whether its workers may be lost at any time: attempts and messages can then be fewer. */
  readonly isDisturbed?: boolean;
  readonly expected: Expectation;
}

/** How the functions of a kind talk with the main thread. */
export interface Talking {
  /** How many messages the function of the task with the number `n` sends; fewer if it is cancelled. */
  readonly messages: (n: number) => number;
  /** Milliseconds that the call gets to end when its first message arrives; undefined not to ask it. */
  readonly grace?: number;
}

type Module = { answer(n: number): number };

const module = fromModule<Module & { missing(n: number): number }>(
  import.meta.resolve("./module.ts"),
);
const nowhere = fromModule<Module>(import.meta.resolve("./not_there.ts"));

const never = () => new Promise(() => {});

const same = gives((n) => n);

const normal: readonly Kind[] = [
  { name: "sync", weight: 3000, run: (n) => n, expected: same },
  {
    name: "async",
    weight: 2000,
    run: async (n) => {
      await new Promise((resolve) => setTimeout(resolve, n % 3));
      return n;
    },
    expected: same,
  },
  {
    name: "computes",
    weight: 1000,
    run: (n) => [...`${n}`.repeat(50)].length,
    expected: gives((n) => `${n}`.length * 50),
  },
  { name: "module function", weight: 1000, run: module.answer, expected: same },
  {
    name: "large result",
    weight: 100,
    run: (n) => `${n}`.padStart(100_000),
    expected: gives((n) => `${n}`.padStart(100_000)),
  },
];

const survived: readonly Kind[] = [
  {
    name: "throws",
    weight: 300,
    run: (n) => {
      throw new TypeError(`thrown by ${n}`);
    },
    expected: failsWith("TypeError", (n) => `thrown by ${n}`),
  },
  {
    name: "rejects",
    weight: 300,
    run: async (n) => {
      await null;
      throw new RangeError(`rejected by ${n}`);
    },
    expected: failsWith("RangeError", (n) => `rejected by ${n}`),
  },
  {
    name: "throws a non-error",
    weight: 150,
    run: (n) => {
      throw n;
    },
    expected: throws((n) => n),
  },
  {
    name: "rejects with undefined",
    weight: 50,
    run: () => Promise.reject(undefined),
    expected: throws(() => undefined),
  },
  {
    name: "argument that cannot be cloned",
    weight: 150,
    run: (n) => n,
    extra: { hook: () => 1 },
    expected: failsWith("DataCloneError", () => "argument 2, at .hook"),
  },
  {
    name: "result that cannot be cloned",
    weight: 150,
    run: (n) => ({ n, hook: () => 1 }),
    expected: failsWith("DataCloneError", () => ", at .hook"),
  },
  {
    name: "error that cannot be cloned",
    weight: 150,
    run: (n) => {
      throw Object.assign(new TypeError(`hooked by ${n}`), { hook: () => 1 });
    },
    expected: failsWith("TypeError", (n) => `hooked by ${n}`),
  },
  {
    name: "stack overflow",
    weight: 50,
    run: () => {
      const overflow = (): number => 1 + overflow();
      return overflow();
    },
    expected: failsWith("RangeError", () => "call stack"),
  },
  {
    name: "missing export",
    weight: 50,
    run: module.missing,
    expected: failsWith("ModuleLoadError", () => "exports nothing by that name"),
  },
  {
    name: "missing module",
    weight: 50,
    run: nowhere.answer,
    expected: failsWith("ModuleLoadError", () => "not_there.ts"),
  },
  {
    name: "cancelled while queued",
    weight: 400,
    run: (n) => n,
    cancellation: "cancel at once",
    expected: isCancelled,
  },
  {
    name: "aborted before",
    weight: 150,
    run: (n) => n,
    cancellation: "abort before",
    expected: isCancelled,
  },
  {
    name: "aborted while queued",
    weight: 150,
    run: (n) => n,
    cancellation: "abort at once",
    expected: isCancelled,
  },
];

// Each of these loses its worker.
const fatal: readonly Kind[] = [
  {
    name: "Deno.exit()",
    weight: 25,
    run: (n) => Deno.exit(n % 100),
    expected: losesWorker("exit", ({ exitCode }, n) => exitCode === n % 100),
  },
  {
    name: "process.exit()",
    weight: 25,
    run: async (n) => (await import("node:process")).default.exit(n % 100),
    expected: losesWorker("exit", ({ exitCode }, n) => exitCode === n % 100),
  },
  {
    name: "self.close()",
    weight: 25,
    run: () => {
      self.close();
      return new Promise(() => {});
    },
    expected: losesWorker("close"),
  },
  {
    name: "self.close() right after the result",
    weight: 25,
    run: (n) => {
      // At some of these times, the next task is in transit to the worker.
      let soon = Promise.resolve();
      for (let hop = 0; hop < n % 8; hop++) soon = soon.then(() => {});
      soon.then(() => self.close());
      return n;
    },
    expected: either(same, losesWorker("close")),
  },
  {
    name: "throws in a timer",
    weight: 25,
    run: (n) => {
      setTimeout(() => {
        throw new RangeError(`timer of ${n}`);
      });
      return new Promise(() => {});
    },
    expected: losesWorker(
      "uncaught-error",
      ({ cause }, n) => cause instanceof RangeError && cause.message === `timer of ${n}`,
    ),
  },
  {
    name: "unhandled rejection",
    weight: 25,
    run: (n) => {
      Promise.reject(new RangeError(`rejection of ${n}`));
      return new Promise(() => {});
    },
    expected: losesWorker(
      "uncaught-error",
      ({ cause }, n) => cause instanceof RangeError && cause.message === `rejection of ${n}`,
    ),
  },
  {
    name: "cancelled while running",
    weight: 25,
    run: never,
    cancellation: "cancel when running",
    expected: isCancelled,
  },
  {
    name: "aborted while running",
    weight: 25,
    run: never,
    cancellation: "abort when running",
    expected: isCancelled,
  },
  {
    name: "cancelled at some time",
    weight: 60,
    run: async (n) => {
      await new Promise((resolve) => setTimeout(resolve, n % 3));
      return n;
    },
    cancellation: "cancel at some time",
    expected: either(same, isCancelled),
  },
  {
    name: "SIGKILL to itself",
    weight: 25,
    only: "processes",
    run: () => {
      Deno.kill(Deno.pid, "SIGKILL");
      return new Promise(() => {});
    },
    expected: losesWorker("killed", ({ signal }) => signal === "SIGKILL"),
  },
  {
    name: "SIGKILL right after the result",
    weight: 25,
    only: "processes",
    run: (n) => {
      let soon = Promise.resolve();
      for (let hop = 0; hop < n % 8; hop++) soon = soon.then(() => {});
      soon.then(() => Deno.kill(Deno.pid, "SIGKILL"));
      return n;
    },
    expected: either(same, losesWorker("killed", ({ signal }) => signal === "SIGKILL")),
  },
  {
    name: "busy loop, cancelled",
    weight: 25,
    only: "processes",
    run: () => {
      for (;;);
    },
    cancellation: "cancel when running",
    expected: isCancelled,
  },
];

// Filling the default heap of a process would take as long as all other kinds together.
const hungry: readonly Kind[] = [
  {
    name: "heap exhaustion",
    weight: 2,
    only: "processes",
    run: () => {
      const hoard: number[][] = [];
      for (;;) hoard.push(new Array(1_000_000).fill(0.5));
    },
    expected: losesWorker("killed", ({ signal }) => signal !== undefined),
  },
];

/** The kinds for an executor. Some need processes with a small heap. */
export function kindsFor(executor: ExecutorName, smallHeap = false): readonly Kind[] {
  const common = [...normal, ...survived, ...fatal, ...retried, ...journaled, ...talking];
  return [...common, ...(smallHeap ? hungry : [])]
    .filter(({ only }) => only === undefined || executor.startsWith(only))
    .filter(({ needsFiles = false }) => !needsFiles || executor !== "processes without files");
}
