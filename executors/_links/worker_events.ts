/** Dispatches the events of a worker to the listener of its link. @module */

import { fromErrorRecord } from "../_wire/error_revival.ts";
import type { WorkerEvent } from "../_wire/protocol.ts";
import type { AnsweringEndpoint } from "./answering_endpoint.ts";
import type { LinkListener, WorkerEnd } from "./worker_link.ts";

/** Where the events of a worker go. */
export interface EventTargets {
  readonly listener: LinkListener;
  readonly endpoint: AnsweringEndpoint;
  /** The noun for the worker in messages. */
  readonly what: "worker" | "process";
}

/**
 * Dispatches an event of a worker.
 *
 * @returns how the worker is ending, if the event announces it.
 */
export function dispatchWorkerEvent(
  event: WorkerEvent,
  { listener, endpoint, what }: EventTargets,
): WorkerEnd | undefined {
  switch (event.type) {
    case "ready":
      listener.ready();
      return undefined;
    case "started":
      listener.started();
      return undefined;
    case "comm":
      listener.message(event.channel, event.message);
      return undefined;
    case "output":
      listener.printed(event.printed);
      return undefined;
    case "outcome":
      listener.reported(event.outcome);
      return undefined;
    case "progress":
      listener.reported(event.report);
      return undefined;
    case "halted":
      listener.reported("halted");
      return undefined;
    case "uncaught-error":
      listener.uncaught(fromErrorRecord(event.error), event.during);
      return undefined;
    case "unreadable":
      endpoint.answerUnreadable(event.message);
      return undefined;
    case "broken":
      return { reason: "died", message: `Its ${what} cannot take calls any more` };
    case "exit":
      return exitEnd(event.exitCode, what);
    case "close":
      return { reason: "close", message: `Its ${what} was closed by self.close()` };
  }
}

/** The end of a worker that exited on its own. */
export function exitEnd(exitCode: number, what: "worker" | "process"): WorkerEnd {
  return { reason: "exit", message: `Its ${what} exited with code ${exitCode}`, exitCode };
}
