/** Types that only a strict compiler distinguishes. Compiled, never run. @module */

import { type ExitState, type Future, Limiter, type Scheduler } from "@amltk/scheduling";
import { sameType } from "./same_type.ts";

/** Values that may be undefined. */
export function undefinedAtTimes(scheduler: Scheduler, exit: ExitState): Future<number> {
  const limited = scheduler.task((n: number) => n, { plugins: new Limiter({ maxCalls: 1 }) });
  sameType<ReturnType<typeof limited.submit>, Future<number, [n: number]> | undefined>(true);
  // @ts-expect-error it may be undefined
  limited.submit(1).cancel();
  // @ts-expect-error it is undefined where threads cannot be seen
  exit.runaways + 1;
  // @ts-expect-error null is not a number
  limited.submit(null);
  const always = scheduler.task((n: number) => n);
  sameType<ReturnType<typeof always.submit>, Future<number, [n: number]>>(true);
  return always.submit(1);
}
