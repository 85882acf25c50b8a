/** The worker's side, whatever the worker is: listens for faults and for calls. @module */

import type { CallLimits } from "../../scheduling/limits.ts";
import { BatchRunner } from "./batch_runner.ts";
import { Closing } from "./closing.ts";
import { type Endpoint, expose, transfer } from "../_wire/comlink.ts";
import { toErrorRecord } from "../_wire/error_record.ts";
import type { Medium } from "../_wire/medium.ts";
import {
  type BatchMessage,
  type CallMessage,
  type WorkerApi,
  type WorkerCommand,
  workerCommandOf,
  type WorkerEvent,
  wrapMessage,
} from "../_wire/protocol.ts";
import { interceptSelfExit } from "./self_exit.ts";
import { transferablesOfOutcome, WorkerRuntime } from "./runtime.ts";

/** What a worker may have beside its port. */
export interface WorkerParts {
  /** The name of the lock that it holds while it lives. */
  readonly lifeLock?: string | undefined;
  /** Told of the limits under which a call begins, and of its end. */
  readonly watchdog?: { begin(limits: CallLimits): void; end(): void } | undefined;
  /** How its messages reach the pool, unless by `postMessage()`. */
  readonly medium?: Medium | undefined;
  /** Dispatches the last events of the worker, and ends it if that takes no help. */
  exit(): void;
}

/** Takes calls over the port; returns the way to end the worker when it is idle. */
export function serve(port: Endpoint, { lifeLock, watchdog, medium, exit }: WorkerParts): Closing {
  const runtime = new WorkerRuntime(medium);
  const report = (event: WorkerEvent) => port.postMessage(wrapMessage(event));
  const batches = new BatchRunner(runtime, () => report({ type: "started" }));
  let functionId = 0;
  let runsSingle = false;

  const api: WorkerApi = {
    async initialize(message: CallMessage) {
      const outcome = await runtime.run(message);
      return outcome.ok ? { ok: true, value: undefined } : outcome;
    },
    async run(message: CallMessage) {
      if (batches.stopped) return await new Promise<never>(() => {});
      runtime.check(message.functionId);
      functionId = message.functionId;
      report({ type: "started" });
      runsSingle = true;
      watchdog?.begin(message.limits);
      const outcome = await runtime.run(message);
      watchdog?.end();
      runsSingle = false;
      const moved = transferablesOfOutcome(outcome);
      return moved.length > 0 ? transfer(outcome, [...moved]) : outcome;
    },
    runBatch: (message: BatchMessage) => batches.run(message),
  };

  const endpoint: Endpoint = {
    // A task may have spoilt what comlink needs to read a message: no answer would come.
    addEventListener: (type, listener) =>
      port.addEventListener(type, (event) => {
        try {
          if (typeof listener === "function") listener(event);
          else listener.handleEvent(event);
        } catch {
          report({ type: "broken" });
        }
      }),
    removeEventListener: port.removeEventListener.bind(port),
    postMessage(message, transferables) {
      try {
        port.postMessage(message, transferables);
      } catch (cause) {
        const value = runtime.unsendable(functionId, message.value, cause);
        port.postMessage({ ...message, value });
      }
    },
  };

  const currentCall = () => runsSingle ? "single" : batches.place;
  listenForFaults((error) => {
    const record = toErrorRecord(error, medium);
    report({ type: "uncaught-error", error: record, during: currentCall() });
  });
  interceptSelfExit((end) => {
    batches.stop();
    report(end);
  });
  const closing = new Closing(() => {
    exit();
    report({ type: "exit", exitCode: 0 });
  });
  let received = 0;
  port.addEventListener("messageerror", () => report({ type: "unreadable", message: ++received }));
  port.addEventListener("message", (event) => {
    received++;
    const command = workerCommandOf((event as MessageEvent).data);
    if (command?.type === "end") closing.end(command.grace);
    else if (command !== undefined) take(command, runtime, batches);
  });
  expose(api, endpoint);
  report({ type: "ready", lifeLock });
  return closing;
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
