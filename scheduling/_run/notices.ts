/** Notices of a run on stderr, about causes that are hard to find. @module */

import { show } from "../_base/check.ts";
import type { Callback } from "../_listener.ts";
import { functionName } from "../function.ts";
import type { Future } from "../future.ts";

const NAMED_TASKS = 3;

/** The name of a call in messages. */
export function callName({ taskName, id }: Future): string {
  return `${taskName}, future ${id}`;
}

/** Reports that the end of a run waits for calls. */
export function noticeWaiting(calls: Iterable<Future>, seconds: number): void {
  // deno-lint-ignore no-console -- the program seems to hang
  console.error(
    `The run has ended, and has waited ${seconds} s for running calls: ${countByTask(calls)}. ` +
      `Bound the wait with run({ wait: ms }), or each call with the plugin ResourceLimits`,
  );
}

/** Reports a callback that ended because it awaited a future whose failure the policy ignores. */
export function noticeEndedCallback(
  event: string,
  callback: Callback,
  call: string,
  error: unknown,
): void {
  const name = functionName(callback);
  // deno-lint-ignore no-console -- nothing else shows why the callback ended
  console.error(
    `A callback of ${event}${
      name && ` (${name})`
    } ended early: it awaited a future whose error onException ignores ` +
      `(${call}: ${error instanceof Error ? error : show(error)}). ` +
      `Catch the error where the callback awaits the future`,
  );
}

/** Reports that the display of a run cannot be shown; the run goes on without it. */
export function noticeNoDisplay(error: unknown): void {
  // deno-lint-ignore no-console -- the user waits for the display
  console.error(
    `The display of the run cannot be shown: ${error instanceof Error ? error : show(error)}`,
  );
}

function countByTask(calls: Iterable<Future>): string {
  const counts = new Map<string, number>();
  for (const { taskName } of calls) counts.set(taskName, (counts.get(taskName) ?? 0) + 1);
  const names = [...counts].map(([name, count]) => `${count} of ${name}`);
  const others = names.length - NAMED_TASKS;
  return names.slice(0, NAMED_TASKS).join(", ") +
    (others > 0 ? ` and of ${others} other tasks` : "");
}
