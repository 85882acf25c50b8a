/** The plugins of a task, asked one after the other. @module */

import { isPlainObject, show } from "../_base/check.ts";
import { isThenable } from "../_base/is_thenable.ts";
import type { CallRequest } from "../_submitter.ts";
import type { Future } from "../future.ts";
import type { AnyPlugin, CallOutcome, StartingCall, Submission } from "../plugin.ts";
import { askToSettle, type SettlementObserver, type Verdict } from "./settlement.ts";
import { askToStart, type StartAnswer } from "./start.ts";

/** Plugins in the order in which they are asked. */
export class PluginChain {
  readonly plugins: readonly AnyPlugin[];
  readonly #plugins: AnyPlugin[] = [];
  readonly #threw: (error: unknown) => void;
  #asksToStart = false;
  #asksToSettle = false;

  /** `threw` receives the errors of hooks that have no caller. */
  constructor(threw: (error: unknown) => void) {
    this.plugins = this.#plugins;
    this.#threw = threw;
  }

  /** Whether a plugin is asked before a call starts. */
  get asksToStart(): boolean {
    return this.#asksToStart;
  }

  /** Whether a plugin is asked before a call settles. */
  get asksToSettle(): boolean {
    return this.#asksToSettle;
  }

  add(plugin: AnyPlugin): void {
    this.#plugins.push(plugin);
    this.#asksToStart ||= plugin.preStart !== undefined;
    this.#asksToSettle ||= plugin.preSettle !== undefined;
  }

  /** The submission as the plugins have changed it; null when one declines. */
  preSubmit(submission: Omit<Submission, "after">): CallRequest | null {
    if (this.#plugins.length === 0) return submission;
    const holds: PromiseLike<void>[] = [];
    let current: Submission = submission;
    for (const plugin of this.#plugins) {
      if (plugin.preSubmit === undefined) continue;
      const next = plugin.preSubmit(current);
      if (next === null) return null;
      checkAnswer(plugin, current, next);
      if (next.after !== undefined && !holds.includes(next.after)) holds.push(next.after);
      current = next;
    }
    const request: Omit<Submission, "after"> = current;
    return holds.length === 0 ? request : { ...request, after: holds };
  }

  /** Asks the plugins before a call starts. */
  preStart(
    future: Future,
    call: StartingCall,
    isHeld: () => boolean,
  ): StartAnswer | Promise<StartAnswer> {
    return askToStart(this.#plugins, future, call, isHeld);
  }

  /** Announces a failure to the plugins. */
  preException(future: Future, error: unknown, args: readonly unknown[]): void {
    for (const plugin of this.#plugins) {
      try {
        plugin.preException?.(future, error, args);
      } catch (thrown) {
        this.#threw(thrown);
      }
    }
  }

  /** Asks the plugins before a call settles. */
  preSettle(
    future: Future,
    outcome: CallOutcome,
    canRetry: boolean,
    waiting: SettlementObserver["waiting"],
  ): Verdict | Promise<Verdict> {
    return askToSettle(this.#plugins, future, outcome, { canRetry, threw: this.#threw, waiting });
  }
}

function checkAnswer({ name }: AnyPlugin, current: Submission, next: Submission): void {
  if (!isPlainObject(next)) {
    throw new TypeError(
      `preSubmit() of ${name} must return a submission or null, not ${show(next)}`,
    );
  }
  if (current.injected?.length > 0 && next.injected !== current.injected) {
    throw new TypeError(
      `preSubmit() of ${name} injects, and so does a plugin before it: only one may`,
    );
  }
  checkHold(name, next);
}

function checkHold(name: string, { after, settled }: Submission): void {
  if (after !== undefined && !isThenable(after)) {
    throw new TypeError(
      `preSubmit() of ${name} must set after to a promise, not to ${show(after)}`,
    );
  }
  if (settled !== undefined && !(isPlainObject(settled) && "result" in settled)) {
    throw new TypeError(
      `preSubmit() of ${name} must set settled to { result: … }, not to ${show(settled)}`,
    );
  }
}
