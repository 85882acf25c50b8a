/**
 * The policies of a run about errors.
 *
 * @module
 */

import { isClass, isPlainObject, ownOptions, show } from "./_base/check.ts";

/**
 * What to do about an error: end the run and reject with it (`"raise"`), end the run (`"end"`), or
 * go on (`"ignore"`).
 *
 * @example End the run at the first error
 * ```ts
 * import { type ErrorAction, Scheduler } from "@amltk/scheduling";
 * import { assertEquals, assertInstanceOf } from "@std/assert";
 *
 * const action: ErrorAction = "end";
 * const scheduler = Scheduler.withSequential();
 * scheduler.onStart(() => {
 *   scheduler.submit(() => JSON.parse("{"));
 * });
 * const exit = await scheduler.run({ onException: action });
 * assertEquals(exit.code, "exception");
 * assertInstanceOf(exit.exception, SyntaxError);
 * ```
 *
 * @category Scheduler
 */
export type ErrorAction = "raise" | "end" | "ignore";

/**
 * A class of errors, abstract ones included.
 *
 * @example A list of expected errors
 * ```ts
 * import { type ErrorClass, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const expected: readonly ErrorClass[] = [SyntaxError, RangeError];
 * const scheduler = Scheduler.withSequential();
 * scheduler.onStart(() => {
 *   scheduler.submit(() => JSON.parse("{"));
 *   scheduler.submit(() => new Array(-1));
 * });
 * const exit = await scheduler.run({
 *   onException: expected.map((type) => [type, "ignore"] as const),
 * });
 * assertEquals([exit.code, scheduler.eventCounts["future-exception"]], ["exhausted", 2]);
 * ```
 *
 * @category Scheduler
 */
// deno-lint-ignore no-explicit-any -- the constructor of any error class
export type ErrorClass = abstract new (...args: any[]) => unknown;

/**
 * One action for all errors, or an ordered list of error classes with their actions. The first
 * class that matches decides; a base class matches too, so `Error` matches nearly everything and
 * goes last. An error that no class matches is raised. Classes match by name as well, on every
 * executor, because an error class of a worker differs from the class of the same name in this
 * thread.
 *
 * @example One class ends the run, others are ignored
 * ```ts
 * import { type ErrorPolicy, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const policy: ErrorPolicy = [[SyntaxError, "end"], [Error, "ignore"]];
 * const scheduler = Scheduler.withSequential();
 * scheduler.onStart(() => {
 *   scheduler.submit(() => new Array(-1));
 *   scheduler.submit(() => JSON.parse("{"));
 * });
 * const exit = await scheduler.run({ onException: policy });
 * assertEquals([exit.code, scheduler.eventCounts["future-exception"]], ["exception", 2]);
 * ```
 *
 * @category Scheduler
 */
export type ErrorPolicy = ErrorAction | readonly (readonly [ErrorClass, ErrorAction])[];

/**
 * Separate policies for tasks and for the run.
 *
 * @example Handle failures of tasks where they are awaited
 * ```ts
 * import { type ErrorPolicies, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const onException: ErrorPolicies = { tasks: "ignore" };
 * const scheduler = Scheduler.withSequential();
 * const parse = scheduler.task((text: string): unknown => JSON.parse(text));
 * const run = scheduler.run({ onException, endOnEmpty: false });
 * assertEquals(await parse.submit("{").catch(() => "no JSON"), "no JSON");
 * scheduler.stop();
 * assertEquals((await run).code, "stopped");
 * ```
 *
 * @category Scheduler
 */
export interface ErrorPolicies {
  /** The policy for failures of tasks. @default {"raise"} */
  tasks?: ErrorPolicy | undefined;
  /** The policy for errors of callbacks and of the executor. @default {"raise"} */
  run?: ErrorPolicy | undefined;
}

/** The policies of a run, with defaults filled in. */
export interface CheckedPolicies {
  readonly tasks: ErrorPolicy;
  readonly run: ErrorPolicy;
}

const ACTIONS: readonly unknown[] = ["raise", "end", "ignore"];

/** Throws unless `action` is an action. */
export function checkAction(where: string, action: unknown): asserts action is ErrorAction {
  if (ACTIONS.includes(action)) return;
  const others = where === "onException"
    ? ", a list of [ErrorClass, action], or { tasks, run }"
    : "";
  throw new TypeError(`${where} must be "raise", "end" or "ignore"${others}, not ${show(action)}`);
}

/** Checked copies of the policies, which later changes do not affect. */
export function checkPolicies(given: ErrorPolicy | ErrorPolicies): CheckedPolicies {
  if (isPlainObject(given)) {
    const { tasks = "raise", run = "raise" } = ownOptions<ErrorPolicies>(
      "onException",
      given,
      ["tasks", "run"],
    );
    return {
      tasks: checkPolicy("onException.tasks", tasks),
      run: checkPolicy("onException.run", run),
    };
  }
  const policy = checkPolicy("onException", given as ErrorPolicy);
  return { tasks: policy, run: policy };
}

function checkPolicy(where: string, policy: ErrorPolicy): ErrorPolicy {
  // Unlike map(), Array.from() also visits holes.
  if (Array.isArray(policy)) {
    return Array.from(policy, (rule, at) => checkRule(`${where}[${at}]`, rule));
  }
  checkAction(where, policy);
  return policy;
}

function checkRule(where: string, rule: unknown): readonly [ErrorClass, ErrorAction] {
  if (!Array.isArray(rule) || rule.length !== 2 || typeof rule[0] !== "function") {
    const given = Array.isArray(rule) ? `[${Array.from(rule, show).join(", ")}]` : show(rule);
    throw new TypeError(
      `${where} must be a pair such as [RangeError, "ignore"], not ${given}`,
    );
  }
  const [type, action] = rule;
  if (!isClass(type)) {
    throw new TypeError(
      `${where} must begin with a class of errors, as [RangeError, "ignore"] does, ` +
        `not with ${show(type)}, which is no class`,
    );
  }
  checkAction(`The action of ${where}`, action);
  return [type, action];
}
