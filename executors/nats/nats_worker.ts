/**
 * Serves the calls of other programs.
 *
 * @module
 */

import {
  checkBoolean,
  checkCount,
  checkDuration,
  checkFunction,
  checkSignal,
  ownOptions,
  show,
} from "../../scheduling/_base/check.ts";
import type { LimitName } from "../../scheduling/limits.ts";
import { checkPermissions, type WorkerPermissions } from "../worker_permissions.ts";
import { print } from "../../scheduling/_base/printer.ts";
import { checkConnect, type NatsConnect, openConnection } from "./connect.ts";
import type { MakeExecutor } from "./_remote/open_session.ts";
import { describeMachine, WorkerHost } from "./_remote/worker_host.ts";
import { checkCodeVersion, checkQueue } from "./_wire/names.ts";

const OPTIONS = [
  "connect",
  "queue",
  "workers",
  "processes",
  "permissions",
  "unstableWorkerOptions",
  "memory",
  "codeVersion",
  "functions",
  "idleExit",
  "name",
  "signal",
  "log",
];

/**
 * The options of {@linkcode serveNats}.
 *
 * @example Two processes that may read nothing but one folder
 * ```ts
 * import type { NatsWorkerOptions } from "@amltk/scheduling/executors/nats";
 * import { assertEquals } from "@std/assert";
 *
 * const options: NatsWorkerOptions = {
 *   connect: "nats://broker.example:4222",
 *   queue: "train",
 *   workers: 2,
 *   processes: true,
 *   permissions: { read: ["/data"] },
 *   functions: "modules",
 *   idleExit: 600_000,
 * };
 * assertEquals(options.queue, "train");
 * ```
 *
 * @category Executors
 */
export interface NatsWorkerOptions {
  /** How this program reaches the server. */
  connect: NatsConnect;
  /** The queue that it serves. */
  queue: string;
  /** How many calls it runs at a time. @default {navigator.hardwareConcurrency} */
  workers?: number | undefined;
  /** Whether calls run in child processes rather than in Web Workers. @default {false} */
  processes?: boolean | undefined;
  /** What calls may do, as in the options of the executors. @default {what this program may do} */
  permissions?: WorkerPermissions | undefined;
  /**
   * Confirms that Deno was started with `--unstable-worker-options`, which `permissions` need without
   * `processes`. @default {false}
   */
  unstableWorkerOptions?: boolean | undefined;
  /** The memory cap of each process, as in `ProcessExecutorOptions`. */
  memory?: number | string | undefined;
  /** It serves only schedulers with the same code version. @default {undefined}: those without one */
  codeVersion?: string | undefined;
  /** `"modules"` refuses functions that cross as source text. @default {"all"} */
  functions?: "all" | "modules" | undefined;
  /** It ends after so many milliseconds without a call. @default {Infinity} */
  idleExit?: number | undefined;
  /** What `statistics()` of the scheduler shows as its machine. @default {the name of this machine} */
  name?: string | undefined;
  /** Makes it take no more calls, and end when those that run have ended. */
  signal?: AbortSignal | undefined;
  /** Takes one line for each event that its operator should know. @default {prints to stderr} */
  log?: ((line: string) => void) | undefined;
}

/**
 * Runs the calls that schedulers submit to a queue, until its signal, until it was idle for long, or until
 * its connection is closed. The program `@amltk/scheduling/nats-worker` calls this with the options of its
 * command line; call it yourself for credentials, TLS or another transport.
 *
 * Each run gets workers of its own, which end with the run. The calls of a scheduler that has not been heard
 * for 30 seconds are ended. Whoever may submit to the queue runs code in this program.
 *
 * @param options The options.
 * @returns a promise that resolves when it has ended; it rejects if the server cannot be reached at first,
 * and with `ExecutorBrokenError` when no thread or process can be started: its calls go to other machines.
 * @throws {TypeError} when an option is wrong or missing, or unknown.
 * @throws {RangeError} when a number is out of range.
 *
 * @example Serve until Ctrl-C, with a password
 * ```ts
 * import { serveNats } from "@amltk/scheduling/executors/nats";
 * import { usernamePasswordAuthenticator } from "@nats-io/nats-core";
 * import { connect } from "@nats-io/transport-deno";
 * import { assertEquals } from "@std/assert";
 *
 * async function serve(password: string): Promise<void> {
 *   const stop = new AbortController();
 *   Deno.addSignalListener("SIGINT", () => stop.abort());
 *   const connectNats = () =>
 *     connect({
 *       servers: "nats://broker.example:4222",
 *       authenticator: usernamePasswordAuthenticator("worker", () => password),
 *       maxReconnectAttempts: -1,
 *       noAsyncTraces: true,
 *     });
 *   await serveNats({ connect: connectNats, queue: "train", signal: stop.signal });
 * }
 * assertEquals(serve.length, 1);
 * ```
 *
 * @category Executors
 */
export async function serveNats(options: NatsWorkerOptions): Promise<void> {
  const own = ownOptions("serveNats()", options, OPTIONS);
  checkOptions(own);
  const { connect, queue, idleExit = Infinity, signal } = own;
  const { log = (line: string) => print(`${line}\n`, "stderr") } = own;
  const description = describe(own);
  const { host, slots, codeVersion } = description;
  const makeExecutor = await executorMaker(own);
  // Refuses wrong options before the first run.
  makeExecutor(slots, {});
  const connection = await openConnection(connect, `worker ${host} of queue ${queue}`);
  try {
    const worker = await WorkerHost.open(connection, {
      queue,
      description,
      acceptsSource: own.functions !== "modules",
      idleExit: idleExit === Infinity ? undefined : idleExit,
      makeExecutor,
      log: (text) => log(`The worker ${host} ${text}`),
    });
    const version = codeVersion === undefined ? "" : `, code version ${codeVersion}`;
    log(`The worker ${host} serves the queue ${queue}: ${slots} calls at a time${version}`);
    await worker.serve(signal);
  } finally {
    await connection.close();
  }
  log(`The worker ${host} has ended`);
}

function checkOptions(options: NatsWorkerOptions): void {
  const { workers, permissions, functions, idleExit, name, signal, log } = options;
  checkConnect(options.connect);
  checkQueue(options.queue);
  checkCodeVersion(options.codeVersion);
  if (workers !== undefined) checkCount("workers", workers);
  if (options.processes !== undefined) checkBoolean("processes", options.processes);
  if (permissions !== undefined) checkPermissions(permissions);
  if (signal !== undefined) checkSignal("signal", signal);
  if (log !== undefined) checkFunction("log", log);
  if (idleExit !== undefined) checkDuration("idleExit", idleExit);
  if (functions !== undefined && functions !== "all" && functions !== "modules") {
    throw new TypeError(`functions must be "all" or "modules", not ${show(functions)}`);
  }
  if (name !== undefined && (typeof name !== "string" || name === "")) {
    throw new TypeError(`name must be a text that is not empty, not ${show(name)}`);
  }
}

function describe(options: NatsWorkerOptions) {
  const { workers = navigator.hardwareConcurrency, codeVersion, name = machineName() } = options;
  const limits: LimitName[] = options.processes && Deno.build.os !== "windows"
    ? ["wallTime", "cpuTime", "memory"]
    : ["wallTime"];
  const version = codeVersion === undefined ? {} : { codeVersion };
  return { ...describeMachine(), host: name, slots: workers, limits, ...version };
}

// Without the permission for it, statistics show a worker without the name of its machine.
function machineName(): string {
  try {
    return Deno.hostname();
  } catch {
    return "unnamed";
  }
}

async function executorMaker(options: NatsWorkerOptions): Promise<MakeExecutor> {
  const { permissions, memory, processes = false } = options;
  const rest = permissions === undefined ? {} : { permissions };
  if (!processes) {
    if (memory !== undefined) throw new TypeError("memory needs processes: true");
    const { unstableWorkerOptions } = options;
    Object.assign(rest, unstableWorkerOptions === undefined ? {} : { unstableWorkerOptions });
    const { WebWorkerExecutor } = await import("../web_worker_executor.ts");
    return (slots, start) => new WebWorkerExecutor(slots, { ...rest, ...start });
  }
  const { ProcessExecutor } = await import("../process_executor.ts");
  const cap = memory === undefined ? {} : { memory };
  return (slots, start) => new ProcessExecutor(slots, { ...rest, ...cap, ...start });
}
