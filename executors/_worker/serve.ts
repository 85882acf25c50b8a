/** The worker's side, whatever the worker is: listens for faults and for calls. @module */

import type { CallLimits } from "../../scheduling/limits.ts";
import { BatchRunner } from "./batch_runner.ts";
import { type Endpoint, expose, transfer } from "../_wire/comlink.ts";
import { toErrorRecord } from "../_wire/error_record.ts";
import {
  type BatchMessage,
  type CallMessage,
  type CallPlace,
  type Delivery,
  deliveryOf,
  type Notice,
  type WorkerApi,
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
}

/** Takes calls over the port. */
export function serve(port: Endpoint, { lifeLock, watchdog }: WorkerParts): void {
  const runtime = new WorkerRuntime();
  const batches = new BatchRunner(runtime);
  const tell = (notice: Notice) => port.postMessage(wrapMessage(notice));
  let functionId = 0;
  let runsAlone = false;

  const api: WorkerApi = {
    async run(message: CallMessage) {
      if (batches.stopped) return await new Promise<never>(() => {});
      runtime.check(message.functionId);
      functionId = message.functionId;
      tell({ type: "started" });
      runsAlone = true;
      watchdog?.begin(message.limits);
      const outcome = await runtime.run(message);
      watchdog?.end();
      runsAlone = false;
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
          tell({ type: "broken" });
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

  listenForFaults(tell, () => runsAlone ? "alone" : batches.place);
  interceptSelfExit((end) => {
    batches.stop();
    tell(end);
  });
  port.addEventListener("message", (event) => {
    const delivery = deliveryOf((event as MessageEvent).data);
    if (delivery !== undefined) take(delivery, runtime, batches);
  });
  expose(api, endpoint);
  tell({ type: "ready", lifeLock });
}

function take(delivery: Delivery, runtime: WorkerRuntime, batches: BatchRunner): void {
  switch (delivery.type) {
    case "lanes":
      return batches.open(delivery.buffers, delivery.port);
    case "function":
      return runtime.learn(delivery.id, delivery.source);
    case "value":
      return runtime.keep(delivery.id, delivery.value);
    case "release":
      return batches.release(delivery.id);
  }
}

function listenForFaults(
  tell: (notice: Notice) => void,
  current: () => CallPlace | undefined,
): void {
  const tellUncaught = (event: Event, error: unknown) => {
    event.preventDefault();
    tell({ type: "uncaught-error", error: toErrorRecord(error), during: current() });
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
