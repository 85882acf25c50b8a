/** Asks plugins before a call settles. @module */

import { isObject, show } from "../_base/check.ts";
import { isThenable } from "../_base/is_thenable.ts";
import type { Future } from "../future.ts";
import type { AnyPlugin, CallOutcome } from "../plugin.ts";

/** Whether a call settles with its outcome, or is tried again. */
export type Verdict = "settle" | "retry";

/** Acts on what happens while plugins are asked. */
export interface SettlementObserver {
  /** Whether the call may be tried again; else it settles with its outcome. */
  readonly canRetry: boolean;
  /** A hook threw, rejected, or returned a wrong value. */
  threw(error: unknown): void;
  /** A plugin holds the end of the call, or its next attempt. */
  waiting(forRetry: boolean): void;
}

type Answer = Promise<void> | { readonly retry: Promise<void> };

/**
 * Asks one plugin after the other, each when the promise of the one before has settled; none after one that
 * wants to retry. A hook that fails counts as one that returns nothing.
 */
export function askToSettle(
  plugins: readonly AnyPlugin[],
  future: Future,
  outcome: CallOutcome,
  observer: SettlementObserver,
): Verdict | Promise<Verdict> {
  for (const [index, plugin] of plugins.entries()) {
    const answer = answerOf(plugin, future, outcome, observer);
    if (answer === undefined) continue;
    const others = () => askToSettle(plugins.slice(index + 1), future, outcome, observer);
    return follow(answer, plugin, others, observer);
  }
  return "settle";
}

function answerOf(
  plugin: AnyPlugin,
  future: Future,
  outcome: CallOutcome,
  observer: SettlementObserver,
): Answer | undefined {
  try {
    const answer: unknown = plugin.preSettle?.(future, outcome, observer.canRetry);
    if (answer === undefined) return undefined;
    if (isAnswer(answer)) return observer.canRetry ? answer : withoutRetry(answer);
    throw new TypeError(
      `preSettle() of ${plugin.name} must return nothing, a promise or { retry: promise }, ` +
        `not ${show(answer)}`,
    );
  } catch (error) {
    observer.threw(error);
    return undefined;
  }
}

function isAnswer(answer: unknown): answer is Answer {
  return isThenable(answer) || (isObject(answer) && "retry" in answer && isThenable(answer.retry));
}

/** The answer, unless it asks for a retry: then nobody waits for its promise, which may reject. */
function withoutRetry(answer: Answer): Answer | undefined {
  if (isThenable(answer)) return answer;
  answer.retry.then(undefined, () => {});
  return undefined;
}

async function follow(
  answer: Answer,
  { name }: AnyPlugin,
  others: () => Verdict | Promise<Verdict>,
  observer: SettlementObserver,
): Promise<Verdict> {
  const forRetry = !isThenable(answer);
  observer.waiting(forRetry);
  try {
    const value: unknown = await (forRetry ? answer.retry : answer);
    if (forRetry) return "retry";
    if (isObject(value) && "retry" in value) {
      throw new TypeError(
        `preSettle() of ${name} must return { retry } itself, not a promise of it`,
      );
    }
  } catch (error) {
    // Before the error ends the run, which cancels calls that wait for a retry.
    observer.waiting(false);
    observer.threw(error);
  }
  return await others();
}
