/** Tells a listener what a worker has told. @module */

import { fromErrorRecord } from "../_wire/error_revival.ts";
import type { Notice } from "../_wire/protocol.ts";
import type { LinkListener, WorkerEnd } from "./worker_link.ts";

/**
 * Tells the listener of a notice of its worker, called `what`.
 *
 * @returns how the worker is about to end, if that is what it told.
 */
export function tellNotice(
  notice: Notice,
  listener: LinkListener,
  what: "worker" | "process",
): WorkerEnd | undefined {
  switch (notice.type) {
    case "ready":
      listener.ready();
      return undefined;
    case "started":
      listener.started();
      return undefined;
    case "uncaught-error":
      listener.uncaught(fromErrorRecord(notice.error), notice.during);
      return undefined;
    case "broken":
      return { reason: "died", message: `Its ${what} cannot take calls any more` };
    case "exit":
      return exitEnd(notice.exitCode, what);
    case "close":
      return { reason: "close", message: `Its ${what} was closed by self.close()` };
  }
}

/** The end of a worker that exited by itself. */
export function exitEnd(exitCode: number, what: "worker" | "process"): WorkerEnd {
  return { reason: "exit", message: `Its ${what} exited with code ${exitCode}`, exitCode };
}
