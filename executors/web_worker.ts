/**
 * The module that Web Workers of the `WebWorkerExecutor` run. Not for import by programs.
 *
 * @module
 */

import { type Endpoint, expose, transfer } from "comlink";
import { holdLifeLock } from "./_life_lock.ts";
import { toErrorRecord } from "./_error_record.ts";
import { type CallMessage, type Notice, noticeMessage, type WorkerApi } from "./_protocol.ts";
import { interceptSelfExit } from "./_self_exit.ts";
import { transferablesOfOutcome, WorkerRuntime } from "./_worker_runtime.ts";

interface WorkerScope extends EventTarget {
  postMessage(message: unknown, transfer?: Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;
// A task may put its own in place of it.
const postMessage = scope.postMessage.bind(scope);
const runtime = new WorkerRuntime();

function tell(notice: Notice): void {
  postMessage(noticeMessage(notice));
}

function tellUncaught(event: Event, error: unknown): void {
  event.preventDefault();
  tell({ type: "uncaught-error", error: toErrorRecord(error) });
}

function listenForFaults(): void {
  scope.addEventListener("error", (event) => {
    // A worker that the task started reports its errors by their message alone.
    const { error, message } = event as ErrorEvent;
    tellUncaught(event, error ?? new Error(message));
  });
  scope.addEventListener(
    "unhandledrejection",
    (event) => tellUncaught(event, (event as PromiseRejectionEvent).reason),
  );
  interceptSelfExit({
    exit: (exitCode) => tell({ type: "exit", exitCode, busy: runtime.busy }),
    close: () => tell({ type: "close", busy: runtime.busy }),
  });
}

let functionId = 0;

const api: WorkerApi = {
  async run(message: CallMessage) {
    functionId = message.functionId;
    const outcome = await runtime.run(message);
    const moved = transferablesOfOutcome(outcome);
    return moved.length > 0 ? transfer(outcome, [...moved]) : outcome;
  },
};

const endpoint: Endpoint = {
  addEventListener: scope.addEventListener.bind(scope),
  removeEventListener: scope.removeEventListener.bind(scope),
  postMessage(message, transferables) {
    try {
      postMessage(message, transferables);
    } catch (cause) {
      const name = runtime.nameOf(functionId);
      postMessage({ ...message, value: runtime.unsendable(message.value, name, cause) });
    }
  },
};

listenForFaults();
expose(api, endpoint);
tell({ type: "ready", lifeLock: await holdLifeLock() });
