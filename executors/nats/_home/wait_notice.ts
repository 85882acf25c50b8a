/** Tells the user why calls wait. @module */

import { print } from "../../../scheduling/_base/printer.ts";
import type { Call } from "../../../scheduling/executor.ts";

// For so many seconds calls may wait without a word: workers may be about to join.
const PATIENCE = 10;

/** What is known of a queue in which a call waits that none of its workers can take. */
export interface Waiting {
  readonly call: Call;
  readonly hasWorkers: boolean;
  /** Whether workers have said that they do not fit. */
  readonly hasRefused: boolean;
  readonly codeVersion: string | undefined;
}

/** Says once on stderr why calls wait, when they wait for long. */
export class WaitNotice {
  readonly #queue: string;
  #seconds = 0;

  constructor(queue: string) {
    this.#queue = queue;
  }

  /** Called once a second with the reason, if there is one. */
  tick(reason: string | undefined): void {
    this.#seconds = reason === undefined ? 0 : this.#seconds + 1;
    if (this.#seconds === PATIENCE) {
      print(`Calls wait on the queue ${this.#queue}: ${reason}\n`, "stderr");
    }
  }
}

/** Why no worker can take a call. */
export function whyNobodyTakes({ call, hasWorkers, hasRefused, codeVersion }: Waiting): string {
  if (hasWorkers) {
    const limits = Object.keys(call.limits).join(" and ");
    return `none of its workers enforces the limits of ${call.name} (${limits}); start one with --processes`;
  }
  if (!hasRefused) {
    return `it has no worker; start one with "deno run … jsr:@amltk/scheduling@^0.1/nats-worker"`;
  }
  const version = codeVersion === undefined
    ? "the same protocol and no code version"
    : `the same protocol and the code version ${codeVersion}`;
  return `its workers do not have ${version}, as this program has; statistics() shows what they have`;
}
