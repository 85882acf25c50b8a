/** The claims about executors that carry messages between calls and the main thread. @module */

import { assertEquals, assertInstanceOf } from "@std/assert";
import type { ChannelConnection, ChannelListener } from "../../scheduling/channel.ts";
import { CommClosedError } from "../../scheduling/errors.ts";
import type { Submission } from "../../scheduling/plugin.ts";
import { Scheduler } from "../../scheduling/scheduler.ts";
import type { WorkerComm } from "../../scheduling/worker_comm.ts";
import type { ExecutorCheck } from "./executor_check.ts";

type Talk = { sent: unknown; asked: unknown; answered: unknown; received: unknown };
type Comm = WorkerComm<Talk>;
type Talking = (comm: Comm, n: number) => unknown;

const NUMBERS = Array.from({ length: 1000 }, (_, n) => n);

/** The claims. They pass for executors that do not list the feature. */
export const COMM_CLAIMS: readonly ExecutorCheck[] = [
  claim("delivers the messages of a call in order, all before its end", async (talk) => {
    const seen: unknown[] = [];
    const outcome = await talk(
      (comm, count) => {
        for (let n = 0; n < count; n++) comm.send(n);
        throw new RangeError("after the last one");
      },
      [NUMBERS.length],
      () => ({ message: (n) => seen.push(n), closed: () => seen.push("closed") }),
    );
    assertInstanceOf(outcome[0], RangeError);
    assertEquals(seen, [...NUMBERS, "closed"]);
  }),
  claim("passes messages to a call in order", async (talk) => {
    const results = await talk(
      async (comm, count) => {
        const received: unknown[] = [];
        for await (const n of comm) if (received.push(n) === count) break;
        return received;
      },
      [NUMBERS.length],
      () => ({ opened: (connection) => NUMBERS.forEach((n) => connection.send(n)) }),
    );
    assertEquals(results, [NUMBERS]);
  }),
  claim("passes on requests, and their answers in any order", async (talk) => {
    const waiting: (() => unknown)[] = [];
    const results = await talk(
      (comm, n) => Promise.all([comm.request(n), comm.request(n + 1), comm.request(n + 2)]),
      [10],
      () => ({
        request(n, respond) {
          if (waiting.push(() => respond(`answer to ${n}`)) === 3) {
            for (const answer of waiting.toReversed()) answer();
          }
          return true;
        },
      }),
    );
    assertEquals(results, [["answer to 10", "answer to 11", "answer to 12"]]);
  }),
  claim("rejects a request that nobody hears", async (talk) => {
    const results = await talk(
      (comm) => comm.request("anybody?").catch((error) => error.name),
      [0],
      () => ({ request: () => false }),
    );
    assertEquals(results, ["TypeError"]);
  }),
  claim("aborts the signal of a call that is asked to end", async (talk) => {
    const results = await talk(
      (comm) =>
        new Promise((resolve) => {
          // Keeps a process from ending, which an open channel does not.
          const timer = setInterval(() => {}, 60_000);
          comm.signal.addEventListener("abort", () => {
            clearInterval(timer);
            resolve([comm.signal.aborted, comm.signal.reason]);
          });
          comm.send("listens");
        }),
      [0],
      (future) => ({
        message: () => void future.cancel({ grace: 60_000, reason: "enough" }),
      }),
    );
    assertEquals(results, [[true, "enough"]]);
  }),
  claim("gives no message to another call than that of its channel", async (talk) => {
    const connections: ChannelConnection[] = [];
    const accepted: boolean[] = [];
    const results = await talk(
      async (comm) => {
        const sent: unknown[] = [];
        for await (const message of comm) {
          sent.push(message);
          if (message === "end") break;
        }
        return sent;
      },
      [1, 2, 3],
      () => ({
        opened(connection) {
          for (const earlier of connections) accepted.push(earlier.send("for an earlier call"));
          connections.push(connection);
          connection.send("begin");
          connection.send("end");
          connection.send("unread");
        },
      }),
    );
    assertEquals(results, Array.from({ length: 3 }, () => ["begin", "end"]));
    assertEquals(accepted, [false, false, false]);
  }),
  claim("closes the channel of a call that was cancelled", async (talk) => {
    const seen: string[] = [];
    const results = await talk(
      (comm) => {
        comm.send("runs");
        return new Promise(() => {});
      },
      [0],
      (future) => ({
        opened: () => seen.push("opened"),
        message: () => void future.cancel(),
        closed: () => seen.push("closed"),
      }),
    );
    assertEquals([seen, results], [["opened", "closed"], ["cancelled"]]);
  }),
  claim("refuses what a function sends after its end", async (talk) => {
    const results = await talk(
      async (comm, n) => {
        const kept = globalThis as { kept?: Comm };
        const earlier = kept.kept;
        kept.kept = comm;
        if (n === 0) return "first";
        try {
          earlier?.send("late");
        } catch (error) {
          return (error as Error).name;
        } finally {
          delete kept.kept;
        }
        return await Promise.resolve("sent");
      },
      [0, 1],
      () => ({}),
    );
    assertEquals(results, ["first", CommClosedError.name]);
  }),
];

interface TalkingFuture {
  cancel(options?: { grace: number; reason?: unknown }): boolean;
}

/** Runs a function on one worker, once for each argument; returns results, errors, or "cancelled". */
type TalkTo = (
  fn: Talking,
  args: readonly number[],
  listen: (future: TalkingFuture) => ChannelListener,
) => Promise<unknown[]>;

function claim(name: string, verify: (talk: TalkTo) => Promise<void>): ExecutorCheck {
  return {
    name,
    async check(make) {
      if (!make(1).features?.includes("comm")) return;
      await verify(async (fn, args, listen) => {
        const scheduler = new Scheduler(make(1));
        const plugin = {
          name: "talks",
          preSubmit: (submission: Submission): Submission => ({ ...submission, channel: listen }),
        };
        // The executor puts the first argument in front.
        const task = scheduler.task(fn as unknown as (n: number) => unknown, { plugins: plugin });
        let futures: ReturnType<typeof task.submit>[] = [];
        scheduler.onStart(() => {
          futures = args.map((n) => task.submit(n));
        });
        await scheduler.run({ onException: { tasks: "ignore", run: "raise" } });
        return futures.map((future) =>
          future.cancelled ? "cancelled" : future.exception ?? future.result
        );
      });
    },
  };
}
