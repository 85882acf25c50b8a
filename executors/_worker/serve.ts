/** Runs a worker of any kind: listens for calls, commands and faults. @module */

import type { BatchConnection } from "./batch_connection.ts";
import { BatchRunner, type CallWatchdog } from "./batch_runner.ts";
import { Channels } from "./channels.ts";
import type { ChannelParts } from "./worker_channel.ts";
import { Closing } from "./closing.ts";
import type { OutputParts } from "./output.ts";
import { type Endpoint, expose } from "../_wire/comlink.ts";
import { toErrorRecord } from "../_wire/error_record.ts";
import { type Medium, THREADS } from "../../scheduling/_base/medium.ts";
import {
  type OutputStart,
  type StreamCommand,
  type StreamStart,
  type ThreadStart,
  type WorkerApi,
  type WorkerCommand,
  workerCommandOf,
  type WorkerEvent,
  wrapMessage,
} from "../_wire/protocol.ts";
import { interceptSelfExit } from "./self_exit.ts";
import { guardedEndpoint } from "./guarded_endpoint.ts";
import { WorkerRuntime } from "./runtime.ts";

/** The parts in which workers of different kinds differ. */
export interface WorkerParts {
  /** The name of the lock that the worker holds while it lives. */
  readonly lifeLock?: string | undefined;
  /** Watches the limits of each call. */
  readonly watchdog?: CallWatchdog | undefined;
  /** The medium by which messages reach the pool, by default `postMessage()`. */
  readonly medium?: Medium | undefined;
  /** Reads the reason why the channel of this number was aborted, in a process with a file for that. */
  readonly readAbortFile?: ChannelParts["readAbortFile"];
  /** Connects the batches to the pool. */
  connect(start: ThreadStart | StreamStart): BatchConnection;
  /** Follows a command that only workers without shared memory get. */
  follow?(command: StreamCommand): void;
  /** Dispatches the last events of the worker, and ends it if it can end on its own. */
  exit(): void | Promise<void>;
}

/** Serves the calls that arrive at the port; returns what ends the worker when it is idle. */
export function serve(port: Endpoint, parts: WorkerParts): Closing {
  const { lifeLock, watchdog, medium = THREADS, readAbortFile, connect, follow, exit } = parts;
  const report = (event: WorkerEvent) => port.postMessage(wrapMessage(event));
  const reportStart = () => report({ type: "started" });
  const channels = new Channels({ report, medium, readAbortFile });
  const runtime = new WorkerRuntime(channels, medium);
  const batches = new BatchRunner(runtime, channels, watchdog, reportStart);
  listenForFaults((error) => {
    report({ type: "uncaught-error", error: toErrorRecord(error, medium), during: batches.place });
  });
  interceptSelfExit((end) => {
    batches.stop();
    runtime.onCallEnd?.();
    report(end);
  });
  const closing = new Closing(async () => {
    await exit();
    report({ type: "exit", exitCode: 0 });
  });
  const during = () => runtime.isLoading ? undefined : batches.runningPlace;
  const output = { report, during };
  listenForCommands(port, report, (command) => {
    if (command.type === "end") closing.end(command.grace);
    else if (command.type === "comm") channels.receive(command.channel, command.message);
    else if (command.type === "output") runtime.preparing = capture(command.start, output, runtime);
    else if (command.type === "connect") batches.connect(connect(command.start));
    else if (command.type === "arguments" || command.type === "halt") follow?.(command);
    else execute(command, runtime, batches);
  });
  expose(apiOf(runtime, batches), guardedEndpoint(port, () => report({ type: "broken" })));
  report({ type: "ready", lifeLock });
  return closing;
}

function apiOf(runtime: WorkerRuntime, batches: BatchRunner): WorkerApi {
  return {
    async initialize(message) {
      await runtime.preparing;
      return await runtime.initialize(message);
    },
    runBatch: (message) => batches.run(message),
  };
}

// Counts messages, because the pool can identify an unreadable one only by its number.
function listenForCommands(
  port: Endpoint,
  report: (event: WorkerEvent) => void,
  receive: (command: WorkerCommand) => void,
): void {
  let received = 0;
  port.addEventListener("messageerror", () => report({ type: "unreadable", message: ++received }));
  port.addEventListener("message", (event) => {
    received++;
    const command = workerCommandOf((event as MessageEvent).data);
    if (command !== undefined) receive(command);
  });
}

function execute(
  command: Extract<WorkerCommand, { type: "function" | "value" | "release" }>,
  runtime: WorkerRuntime,
  batches: BatchRunner,
): void {
  switch (command.type) {
    case "function":
      return runtime.learn(command.id, command.source);
    case "value":
      return runtime.keep(command.id, command.value);
    case "release":
      return batches.release(command.id);
  }
}

// Not imported statically, because most programs let workers print as usual.
async function capture(
  start: OutputStart,
  parts: OutputParts,
  runtime: WorkerRuntime,
): Promise<void> {
  const { captureOutput } = await import("./output.ts");
  runtime.onCallEnd = await captureOutput(start, parts);
}

function listenForFaults(reportUncaught: (error: unknown) => void): void {
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    // Errors from workers that the task has started have only a message.
    reportUncaught(event.error ?? new Error(event.message));
  });
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    reportUncaught(event.reason);
  });
}
