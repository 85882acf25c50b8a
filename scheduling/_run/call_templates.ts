/** What the calls of a task have in common, made once for most of them. @module */

import { transferablesOf } from "../_base/transferables.ts";
import type { CallOwner } from "../_submitter.ts";
import type { TaskFunction } from "../function.ts";
import type { Submission } from "../plugin.ts";
import type { CallObserver, CallTemplate } from "./scheduled_call.ts";

/** The templates of one scheduler. */
export class CallTemplates {
  readonly #observer: CallObserver;
  // Those of calls without a signal and without anything that moves.
  readonly #plain = new WeakMap<TaskFunction, CallTemplate>();

  /** `observer` is that of all calls. */
  constructor(observer: CallObserver) {
    this.#observer = observer;
  }

  /** The template of a call with these arguments. */
  find(
    request: Omit<Submission, "task">,
    args: readonly unknown[],
    owner: CallOwner | undefined,
    name: string,
  ): CallTemplate {
    const { function: fn, injected: { length: injected }, signal, limits } = request;
    const marked = transferablesOf(args);
    const isPlain = signal === undefined && request.transfer.length + marked.length === 0;
    const known = isPlain ? this.#plain.get(fn) : undefined;
    if (
      known !== undefined && known.owner === owner && known.limits === limits &&
      known.injected === injected
    ) return known;
    // Twice in the list is once too often for the platform.
    const transfer = [...new Set([...request.transfer, ...marked])];
    const template: CallTemplate = {
      observer: this.#observer,
      name,
      owner,
      function: fn,
      injected,
      transfer,
      signal,
      limits,
      context: undefined,
    };
    if (isPlain) this.#plain.set(fn, template);
    return template;
  }
}
