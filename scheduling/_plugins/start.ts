/** Asks plugins before a call starts. @module */

import { isPlainObject, show } from "../_base/check.ts";
import { isThenable } from "../_base/is_thenable.ts";
import type { Future } from "../future.ts";
import type { AnyPlugin, StartingCall } from "../plugin.ts";

/** The result of a call that needs no worker; undefined if it starts. */
export type StartAnswer = { readonly result: unknown } | undefined;

/**
 * Asks one plugin after the other, each when the promise of the one before has fulfilled; none after one
 * that has a result. `isHeld` is whether the call still waits for the answer.
 *
 * @returns the answer, or a promise of it, which rejects with what a hook throws: a call must not fail
 * inside of `submit()`.
 */
export function askToStart(
  plugins: readonly AnyPlugin[],
  future: Future,
  call: StartingCall,
  isHeld: () => boolean,
): StartAnswer | Promise<StartAnswer> {
  for (const [index, plugin] of plugins.entries()) {
    if (plugin.preStart === undefined) continue;
    const others = () => askToStart(plugins.slice(index + 1), future, call, isHeld);
    try {
      const answer: unknown = plugin.preStart(future, call);
      if (isThenable(answer)) return follow(answer, plugin, others, isHeld);
      const checked = checkAnswer(plugin, answer);
      if (checked !== undefined || !isHeld()) return checked;
    } catch (error) {
      return Promise.reject(error);
    }
  }
  return undefined;
}

async function follow(
  promise: PromiseLike<unknown>,
  plugin: AnyPlugin,
  others: () => StartAnswer | Promise<StartAnswer>,
  isHeld: () => boolean,
): Promise<StartAnswer> {
  const answer = checkAnswer(plugin, await promise);
  return answer === undefined && isHeld() ? await others() : answer;
}

function checkAnswer({ name }: AnyPlugin, answer: unknown): StartAnswer {
  if (answer === undefined) return undefined;
  if (isPlainObject(answer) && "result" in answer) return answer as { readonly result: unknown };
  throw new TypeError(
    `preStart() of ${name} must return nothing, { result: … } or a promise of these, ` +
      `not ${show(answer)}`,
  );
}
