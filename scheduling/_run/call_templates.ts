/** What the calls of a task have in common, created once and reused. @module */

import { transferablesOf } from "../_base/transferables.ts";
import type { CallOwner, CallRequest } from "../_submitter.ts";
import type { TaskFunction } from "../function.ts";
import type { CallHooks, CallObserver, CallTemplate } from "./scheduled_call.ts";

const NO_TRANSFER: readonly Transferable[] = [];

/** The templates of one scheduler. */
export class CallTemplates {
  readonly #observer: CallObserver;
  // The last template of each function, for calls without a signal and without transferables. Two maps,
  // so that a few urgent calls do not evict the template of many plain ones.
  readonly #plain = new WeakMap<TaskFunction, CallTemplate>();
  readonly #prioritized = new WeakMap<TaskFunction, CallTemplate>();

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
    awaitsFutures: boolean,
  ): CallTemplate {
    const transfer = transferOf(request, args);
    const hooks = hooksOf(request, owner?.plugins.asksToStart ?? false);
    const isReusable = request.signal === undefined && hooks === undefined && transfer.length === 0;
    const reusable = request.priority === 0 ? this.#plain : this.#prioritized;
    const last = isReusable ? reusable.get(request.function) : undefined;
    if (last?.awaitsFutures === awaitsFutures && fits(last, request, owner)) return last;
    const { function: fn, injected: { length: injected }, signal, limits, priority } = request;
    const shared = { observer: this.#observer, name, owner, function: fn, injected, priority };
    const template: CallTemplate = {
      ...shared,
      limits,
      transfer,
      signal,
      awaitsFutures,
      hooks,
      context: undefined,
    };
    if (isReusable) reusable.set(fn, template);
    return template;
  }
}

function hooksOf(request: CallRequest, asksToStart: boolean): CallHooks | undefined {
  const { after, settled, channel } = request;
  if ((after ?? settled ?? channel) === undefined && !asksToStart) return undefined;
  // A call that is settled already does not start.
  const asks = asksToStart && settled === undefined;
  return { after: after ?? [], settled, channel, asksToStart: asks };
}

function fits(template: CallTemplate, request: CallRequest, owner: CallOwner | undefined): boolean {
  return template.owner === owner && template.limits === request.limits &&
    template.priority === request.priority &&
    template.injected === request.injected.length;
}

// Without duplicates: the platform refuses a list that names an object twice.
function transferOf({ transfer }: CallRequest, args: readonly unknown[]): readonly Transferable[] {
  const marked = transferablesOf(args);
  if (transfer.length + marked.length === 0) return NO_TRANSFER;
  return [...new Set([...transfer, ...marked])];
}
