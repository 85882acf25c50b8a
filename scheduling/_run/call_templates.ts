/** What the calls of a task have in common, created once and reused. @module */

import { transferablesOf } from "../_base/transferables.ts";
import type { CallOwner, CallRequest } from "../_submitter.ts";
import type { TaskFunction } from "../function.ts";
import type { CallObserver, CallTemplate } from "./scheduled_call.ts";

const NO_TRANSFER: readonly Transferable[] = [];

/** The templates of one scheduler. */
export class CallTemplates {
  readonly #observer: CallObserver;
  // The last template of each function for calls without a signal and without transferables.
  readonly #reusable = new WeakMap<TaskFunction, CallTemplate>();

  /** `observer` receives the reports of all calls. */
  constructor(observer: CallObserver) {
    this.#observer = observer;
  }

  /** The template for a call with these arguments: an earlier one if it fits. */
  find(
    request: CallRequest,
    args: readonly unknown[],
    owner: CallOwner | undefined,
    name: string,
  ): CallTemplate {
    const transfer = transferOf(request, args);
    const isReusable = request.signal === undefined && transfer.length === 0;
    const last = isReusable ? this.#reusable.get(request.function) : undefined;
    if (last !== undefined && fits(last, request, owner)) return last;
    const { function: fn, injected: { length: injected }, signal, limits } = request;
    const shared = { observer: this.#observer, name, owner, function: fn, injected, limits };
    const template = { ...shared, transfer, signal, context: undefined };
    if (isReusable) this.#reusable.set(fn, template);
    return template;
  }
}

function fits(template: CallTemplate, request: CallRequest, owner: CallOwner | undefined): boolean {
  return template.owner === owner && template.limits === request.limits &&
    template.injected === request.injected.length;
}

// Without duplicates: the platform refuses a list that names an object twice.
function transferOf({ transfer }: CallRequest, args: readonly unknown[]): readonly Transferable[] {
  const marked = transferablesOf(args);
  if (transfer.length + marked.length === 0) return NO_TRANSFER;
  return [...new Set([...transfer, ...marked])];
}
