/** The worker's side, whatever the worker is: listens for faults and for calls. @module */

import { BatchRunner } from "./batch_runner.ts";
import { Closing } from "./closing.ts";
import { type Endpoint, expose } from "../_wire/comlink.ts";
import { toErrorRecord } from "../_wire/error_record.ts";
import type { Medium } from "../_wire/medium.ts";
import {
  type WorkerApi,
  type WorkerCommand,
  workerCommandOf,
  type WorkerEvent,
  wrapMessage,
} from "../_wire/protocol.ts";
import { interceptSelfExit } from "./self_exit.ts";
import { guardedEndpoint } from "./guarded_endpoint.ts";
import { WorkerRuntime } from "./runtime.ts";
import { type CallWatchdog, SingleRunner } from "./single_runner.ts";

/** What a worker may have beside its port. */
export interface WorkerParts {
  /** The name of the lock that it holds while it lives. */
  readonly lifeLock?: string | undefined;
  /** Told of the limits under which a call begins, and of its end. */
  readonly watchdog?: CallWatchdog | undefined;
  /** How its messages reach the pool, unless by `postMessage()`. */
  readonly medium?: Medium | undefined;
  /** Dispatches the last events of the worker, and ends it if that takes no help. */
  exit(): void;
}

/** Takes calls over the port; returns the way to end the worker when it is idle. */
export function serve(port: Endpoint, { lifeLock, watchdog, medium, exit }: WorkerParts): Closing {
  const report = (event: WorkerEvent) => port.postMessage(wrapMessage(event));
  const reportStart = () => report({ type: "started" });
  const runtime = new WorkerRuntime(medium);
  const batches = new BatchRunner(runtime, reportStart);
  const single = new SingleRunner(runtime, watchdog, reportStart);
  listenForFaults((error) => {
    const during = single.running ? "single" : batches.place;
    report({ type: "uncaught-error", error: toErrorRecord(error, medium), during });
  });
  interceptSelfExit((end) => {
    batches.stop();
    report(end);
  });
  const closing = new Closing(() => {
    exit();
    report({ type: "exit", exitCode: 0 });
  });
  listenForCommands(port, report, (command) => {
    if (command.type === "end") closing.end(command.grace);
    else take(command, runtime, batches);
  });
  const guarded = guardedEndpoint(port, {
    broken: () => report({ type: "broken" }),
    unsendable: (outcome, cause) => single.unsendable(outcome, cause),
  });
  expose(apiOf(runtime, batches, single), guarded);
  report({ type: "ready", lifeLock });
  return closing;
}

function apiOf(runtime: WorkerRuntime, batches: BatchRunner, single: SingleRunner): WorkerApi {
  return {
    async initialize(message) {
      const outcome = await runtime.run(message);
      return outcome.ok ? { ok: true, value: undefined } : outcome;
    },
    // A worker that is ending starts no call.
    run: (message) => batches.stopped ? new Promise(() => {}) : single.run(message),
    runBatch: (message) => batches.run(message),
  };
}

// The other side knows a message that cannot be read by its number alone.
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

function take(
  command: Exclude<WorkerCommand, { type: "end" }>,
  runtime: WorkerRuntime,
  batches: BatchRunner,
): void {
  switch (command.type) {
    case "batch-memory":
      return batches.open(command.buffers, command.port);
    case "function":
      return runtime.learn(command.id, command.source);
    case "value":
      return runtime.keep(command.id, command.value);
    case "release":
      return batches.release(command.id);
  }
}

function listenForFaults(reportUncaught: (error: unknown) => void): void {
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    // A worker that the task started reports its errors by their message alone.
    reportUncaught(event.error ?? new Error(event.message));
  });
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    reportUncaught(event.reason);
  });
}
