/** Decides what errors and cancellations do to a run. @module */

import { isObject } from "../_base/check.ts";
import { classNamesOf } from "../_base/error_class_names.ts";
import type { Callback } from "../_listener.ts";
import { callName, noticeEndedCallback } from "./notices.ts";
import type { ErrorAction, ErrorClass, ErrorPolicy } from "../error_policy.ts";
import { ExecutorBrokenError, SchedulerNotRunningError } from "../errors.ts";
import type { Future } from "../future.ts";
import type { ExitCode, RunSettings } from "../run_options.ts";

/** An error that ended a run. */
export interface RunFailure {
  readonly error: unknown;
  /** The name of the failed call; undefined for an error without a call. */
  readonly call?: string | undefined;
}

/** The run, which carries decisions out. */
export interface DecisionObserver {
  /** Whether the run accepts submissions. */
  isRunning(): boolean;
  /** Makes the run reject with the error. */
  raise(failure: RunFailure): void;
  /** Ends the run. */
  end(code: ExitCode, message: string, error: unknown): void;
}

interface Decision extends RunFailure {
  readonly code: ExitCode;
  readonly action: ErrorAction;
}

/** Applies the policies of a run; decisions about a future follow its events. */
export class Decisions {
  readonly #settings: Pick<RunSettings, "onException" | "onCancelled">;
  readonly #observer: DecisionObserver;
  readonly #judgedErrors = new JudgedErrors();
  readonly #deferred: Decision[] = [];
  #deferrals = 0;
  #endedCallbackNoticed = false;

  constructor(
    settings: Pick<RunSettings, "onException" | "onCancelled">,
    observer: DecisionObserver,
  ) {
    this.#settings = settings;
    this.#observer = observer;
  }

  /** Defers decisions until the matching `flush()`. */
  defer(): void {
    this.#deferrals++;
  }

  /** Applies the deferred decisions in order. */
  flush(): void {
    this.#deferrals--;
    if (this.#deferrals > 0) return;
    for (let next = this.#deferred.shift(); next; next = this.#deferred.shift()) this.#apply(next);
  }

  /** Decides about an error of a callback or the executor. */
  threw(error: unknown): void {
    // Callbacks that submit on each result need not check whether the run is ending.
    if (error instanceof SchedulerNotRunningError && !this.#observer.isRunning()) return;
    this.#decide({ code: "exception", action: this.actionForRun(error), error });
  }

  /** Decides about a rejected async callback, unless its error was judged as that of a future. */
  callbackRejected(error: unknown, event: string, callback: Callback): void {
    const judgement = this.#judgedErrors.get(error);
    if (judgement === undefined) return this.threw(error);
    if (!judgement.ignored || this.#endedCallbackNoticed) return;
    this.#endedCallbackNoticed = true;
    noticeEndedCallback(event, callback, judgement.call, error);
  }

  /** `isInherited`: the error is that of another future and was judged then, perhaps in an earlier run. */
  failed(future: Future, error: unknown, isInherited: boolean): void {
    if (isInherited) return this.#inherit(future, error);
    const { tasks, run } = this.#settings.onException;
    const action = actionFor(error, error instanceof ExecutorBrokenError ? run : tasks);
    const call = callName(future);
    this.#judgedErrors.add(error, { call, ignored: action === "ignore" });
    this.#decide({ code: "exception", action, error, call });
  }

  cancelled(future: Future, error: unknown, byOwner: boolean): void {
    const call = callName(future);
    // Code that cancels a future expects its callbacks to end, so there is no notice.
    this.#judgedErrors.add(error, { call, ignored: false });
    if (!byOwner) return;
    this.#decide({ code: "cancelled", action: this.#settings.onCancelled, error, call });
  }

  /** The action for an error of a callback or the executor. */
  actionForRun(error: unknown): ErrorAction {
    return actionFor(error, this.#settings.onException.run);
  }

  #inherit(future: Future, error: unknown): void {
    if (this.#judgedErrors.get(error) !== undefined) return;
    this.#judgedErrors.add(error, { call: callName(future), ignored: false });
  }

  #decide(decision: Decision): void {
    this.defer();
    this.#deferred.push(decision);
    this.flush();
  }

  #apply({ code, action, error, call }: Decision): void {
    if (action === "ignore") return;
    if (action === "raise") this.#observer.raise({ error, call });
    const what = code === "cancelled" ? "A future was cancelled" : "An exception was raised";
    this.#observer.end(code, what, error);
  }
}

/** The action for an error: that of the first class that matches, otherwise `"raise"`. */
function actionFor(error: unknown, policy: ErrorPolicy): ErrorAction {
  if (typeof policy === "string") return policy;
  return policy.find(([type]) => matches(error, type))?.[1] ?? "raise";
}

// An error class of a worker differs from the class of the same name in this thread, so names match
// too. They match on every executor, so that a program ends the same way on each.
function matches(error: unknown, type: ErrorClass): boolean {
  try {
    return error instanceof type || classNamesOf(error).includes(type.name);
  } catch {
    // The class has a Symbol.hasInstance of its own that throws.
    return false;
  }
}

/** The decision about an error. */
interface Judgement {
  /** The name of the failed call. */
  readonly call: string;
  /** Whether the policy ignored it. */
  readonly ignored: boolean;
}

/** A map from thrown values to judgements that keeps no object alive. */
class JudgedErrors {
  readonly #objects = new WeakMap<object, Judgement>();
  readonly #primitives = new Map<unknown, Judgement>();

  add(error: unknown, judgement: Judgement): void {
    if (isObject(error)) this.#objects.set(error, judgement);
    else this.#primitives.set(error, judgement);
  }

  get(error: unknown): Judgement | undefined {
    return isObject(error) ? this.#objects.get(error) : this.#primitives.get(error);
  }
}
