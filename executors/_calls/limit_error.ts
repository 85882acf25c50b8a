/** The errors of calls that have reached a limit. @module */

import {
  CpuTimeLimitError,
  type LimitError,
  MemoryLimitError,
  WallTimeLimitError,
} from "../../scheduling/errors.ts";
import type { Call } from "../../scheduling/executor.ts";
import { type CallLimits, type LimitName, memoryTexts } from "../../scheduling/limits.ts";

/** The error of a call that has reached the named limit. */
export function limitError({ name, limits }: Call, reached: LimitName): LimitError {
  const limit = limits[reached] ?? NaN;
  switch (reached) {
    case "wallTime":
      return new WallTimeLimitError(`${name} ran longer than its limit of ${limit} ms`, limit);
    case "cpuTime":
      return new CpuTimeLimitError(
        `${name} used more CPU time than its limit of ${limit} ms`,
        limit,
      );
    case "memory":
      return new MemoryLimitError(
        `${name} used more memory than its limit of ${showMemory(limits, limit)}`,
        limit,
      );
  }
}

// In the unit that the user chose.
function showMemory(limits: CallLimits, bytes: number): string {
  return memoryTexts.get(limits) ?? `${bytes} bytes`;
}
