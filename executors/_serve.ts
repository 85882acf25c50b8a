/** The worker's side, whatever the worker is: listens for faults and for calls. @module */

import { type Endpoint, expose, transfer } from "./_comlink.ts";
import { toErrorRecord } from "./_error_record.ts";
import { type CallMessage, type Notice, noticeMessage, type WorkerApi } from "./_protocol.ts";
import { interceptSelfExit } from "./_self_exit.ts";
import { transferablesOfOutcome, WorkerRuntime } from "./_worker_runtime.ts";

/** Takes calls over the port; `lifeLock` is the lock that the worker holds, if there are locks. */
export function serve(port: Endpoint, lifeLock: string | undefined): void {
  const runtime = new WorkerRuntime();
  let functionId = 0;

  const api: WorkerApi = {
    async run(message: CallMessage) {
      functionId = message.functionId;
      port.postMessage(noticeMessage({ type: "started" }));
      const outcome = await runtime.run(message);
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
