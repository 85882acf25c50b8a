/**
 * Runs functions on other machines over NATS JetStream: {@linkcode NatsExecutor} for the program with the
 * scheduler, and {@linkcode serveNats} for a program with workers of your own making. Most workers are the
 * program `@amltk/scheduling/nats-worker`.
 *
 * @module
 */

export type { NatsConnect } from "./connect.ts";
export { NatsExecutor, type NatsExecutorOptions } from "./nats_executor.ts";
export { type NatsWorkerOptions, serveNats } from "./nats_worker.ts";
