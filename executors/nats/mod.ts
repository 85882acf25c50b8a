/**
 * Runs functions on other machines over NATS JetStream: {@linkcode NatsExecutor} for the program with the
 * scheduler, and {@linkcode serveNats} for a program with workers of your own making. Most workers are the
 * program `@amltk/scheduling/nats-worker`.
 *
 * @example A scheduler for the workers of a queue
 * ```ts
 * import { Scheduler } from "@amltk/scheduling";
 * import { NatsExecutor } from "@amltk/scheduling/executors/nats";
 * import { assertEquals } from "@std/assert";
 *
 * const executor = new NatsExecutor({ connect: "nats://broker.example:4222", queue: "train" });
 * const scheduler = new Scheduler(executor);
 * assertEquals(scheduler.statistics().workers, []);
 * ```
 *
 * @module
 */

export type { NatsConnect } from "./connect.ts";
export { NatsExecutor, type NatsExecutorOptions } from "./nats_executor.ts";
export { type NatsWorkerOptions, serveNats } from "./nats_worker.ts";
