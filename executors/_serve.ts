/** The worker's side, whatever the worker is: listens for faults and for calls. @module */

import type { CallLimits } from "../scheduling/limits.ts";
import { type Endpoint, expose, transfer } from "./_comlink.ts";
import { toErrorRecord } from "./_error_record.ts";
import { type CallMessage, type Notice, noticeMessage, type WorkerApi } from "./_protocol.ts";
import { interceptSelfExit } from "./_self_exit.ts";
import { transferablesOfOutcome, WorkerRuntime } from "./_worker_runtime.ts";

/** What a worker may have beside its port. */
export interface WorkerParts {
  /** The name of the lock that it holds while it lives. */
  readonly lifeLock?: string | undefined;
  /** Told of the limits under which a call begins, and of its end. */
  readonly watchdog?: { begin(limits: CallLimits): void; end(): void } | undefined;
}

/** Takes calls over the port. */
export function serve(port: Endpoint, { lifeLock, watchdog }: WorkerParts): void {
  const runtime = new WorkerRuntime();
  let functionId = 0;

  const api: WorkerApi = {
    async run(message: CallMessage) {
      functionId = message.functionId;
      port.postMessage(noticeMessage({ type: "started" }));
      watchdog?.begin(message.limits);
      const outcome = await runtime.run(message);
      watchdog?.end();
      const moved = transferablesOfOutcome(outcome);
      return moved.length > 0 ? transfer(outcome, [...moved]) : outcome;
    },
  };

  const endpoint: Endpoint = {
    addEventListener: port.addEventListener.bind(port),
    removeEventListener: port.removeEventListener.bind(port),
    postMessage(message, transferables) {
      try {
        port.postMessage(message, transferables);
      } catch (cause) {
        const name = runtime.nameOf(functionId);
        port.postMessage({ ...message, value: runtime.unsendable(message.value, name, cause) });
      }
    },
  };

  listenForFaults((notice) => port.postMessage(noticeMessage(notice)));
  interceptSelfExit((end) => port.postMessage(noticeMessage(end)));
  expose(api, endpoint);
  port.postMessage(noticeMessage({ type: "ready", lifeLock }));
}

function listenForFaults(tell: (notice: Notice) => void): void {
  const tellUncaught = (event: Event, error: unknown) => {
    event.preventDefault();
    tell({ type: "uncaught-error", error: toErrorRecord(error) });
  };
  globalThis.addEventListener("error", (event) => {
    // A worker that the task started reports its errors by their message alone.
    tellUncaught(event, event.error ?? new Error(event.message));
  });
  globalThis.addEventListener(
    "unhandledrejection",
    (event) => tellUncaught(event, event.reason),
  );
}
