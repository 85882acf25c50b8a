/** Tells the user why calls wait. @module */

import { STDERR } from "../../../scheduling/_base/printer.ts";
import type { Call } from "../../../scheduling/executor.ts";

// For so many seconds calls may wait without a word: workers may be about to join.
const PATIENCE = 10;

/** What is known of a queue in which a call waits that none of its workers can take. */
export interface Waiting {
  readonly queue: string;
  readonly call: Call;
  readonly hasWorkers: boolean;
  /** Whether workers have said that they do not fit. */
  readonly hasRefused: boolean;
  readonly codeVersion: string | undefined;
}

/** Says so once on stderr when calls wait for long for a worker that can take them. */
export class WaitNotice {
  #seconds = 0;

  /** Called once a second, without an argument when no call waits so. */
  tick(waiting: Waiting | undefined): void {
    this.#seconds = waiting === undefined ? 0 : this.#seconds + 1;
    if (waiting === undefined || this.#seconds !== PATIENCE) return;
    const text = `Calls wait for a worker of the queue ${waiting.queue}: ${reasonOf(waiting)}\n`;
    STDERR.write(new TextEncoder().encode(text));
  }
}

function reasonOf({ call, hasWorkers, hasRefused, codeVersion }: Waiting): string {
  if (hasWorkers) {
    const limits = Object.keys(call.limits).join(" and ");
    return `none of its workers enforces the limits of ${call.name} (${limits}); start one with --processes`;
  }
  if (!hasRefused) {
    return `it has no worker; start one with "deno run … jsr:@amltk/scheduling@^0.1/nats-worker"`;
  }
  const version = codeVersion === undefined ? "no code version" : `the code version ${codeVersion}`;
  return `its workers have another one than this program, which has ${version}; statistics() shows theirs`;
}
