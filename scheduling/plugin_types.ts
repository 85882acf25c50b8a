/**
 * How plugins change the type of a task: its arguments, its events, and whether it may decline.
 *
 * @module
 */

/**
 * The plugins of a list as a union, or the only plugin.
 *
 * @internal
 */
export type EachPlugin<P> = P extends readonly (infer One)[] ? One : P;

/**
 * The types that a plugin declares for its events or its injected argument.
 *
 * @internal
 */
export type PluginMeta<P, K extends "events" | "injects" | "required"> = P extends
  { readonly types?: infer M } ? K extends keyof NonNullable<M> ? NonNullable<M>[K] : never
  : never;

/**
 * The intersection of the members of a union.
 *
 * @internal
 */
export type Intersection<U> = (U extends unknown ? (x: U) => void : never) extends
  (x: infer I) => void ? I : never;

/**
 * The type that plugins `P` inject; `never` if they inject nothing, or their type does not declare
 * it.
 *
 * @example A plugin that injects a seed
 * ```ts
 * import { type Injected, type Plugin, Scheduler, type Submission } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * class Seeded implements Plugin<object, number> {
 *   readonly name = "seeded";
 *   declare readonly types?: { events: object; injects: number };
 *   preSubmit(submission: Submission): Submission {
 *     const seed: Injected<Seeded> = 42;
 *     return { ...submission, injected: [seed] };
 *   }
 * }
 *
 * const scheduler = Scheduler.withSequential();
 * const task = scheduler.task((seed: number, n: number) => seed + n, { plugins: new Seeded() });
 * scheduler.onStart(async () => assertEquals(await task.submit(1), 43));
 * assertEquals((await scheduler.run()).code, "exhausted");
 * ```
 *
 * @category Plugins
 */
export type Injected<P> = PluginMeta<EachPlugin<P>, "injects"> extends infer I
  ? 0 extends 1 & I ? never : I
  : never;

/**
 * Shown in a compiler error: the first parameter of a function differs from the injected type.
 *
 * @internal
 */
export interface InjectionMismatch<Name, Injects, Parameter> {
  /** Types only, never present. */
  readonly "~mismatch": { plugin: Name; injects: Injects; parameter: Parameter };
}

/**
 * The type that an injected parameter of type `I` declares under a name; `never` if none.
 *
 * @internal
 */
export type DeclaredBy<I, K extends string> = I extends { readonly "~types"?: infer T }
  ? K extends keyof NonNullable<T> ? NonNullable<T>[K] : never
  : never;

/**
 * Constrains a function to accept the injected type of plugins `P` as its first parameter, and to have one
 * if a plugin requires that.
 *
 * @internal
 */
export type TakesInjected<P, A extends unknown[]> = [Injected<P>] extends [never] ? unknown
  : A extends []
    ? true extends PluginMeta<EachPlugin<P>, "required">
      ? InjectionMismatch<InjectorName<EachPlugin<P>>, Injected<P>, "missing">
    : unknown
  : A extends [first?: infer First, ...rest: unknown[]] ? Injected<P> extends First ? unknown
    : InjectionMismatch<InjectorName<EachPlugin<P>>, Injected<P>, First>
  : unknown;

/**
 * The name of the plugin that injects.
 *
 * @internal
 */
export type InjectorName<One> = One extends { readonly name: infer Name }
  ? [Injected<One>] extends [never] ? never : Name
  : never;

/**
 * Excludes the members of plugins from the options of a task, where a plugin would be ignored.
 *
 * @internal
 */
export interface NoPlugin {
  /** Pass the plugin as `{ plugins: [plugin] }`. */
  readonly events?: never;
  /** Pass the plugin as `{ plugins: [plugin] }`. */
  readonly attachTask?: never;
  /** Pass the plugin as `{ plugins: [plugin] }`. */
  readonly preSubmit?: never;
  /** Pass the plugin as `{ plugins: [plugin] }`. */
  readonly preException?: never;
  /** Pass the plugin as `{ plugins: [plugin] }`. */
  readonly preStart?: never;
  /** Pass the plugin as `{ plugins: [plugin] }`. */
  readonly preSettle?: never;
  /** Pass the plugin as `{ plugins: [plugin] }`. */
  readonly statistics?: never;
}

/**
 * The arguments of `submit()`: those of the function without the injected one of plugins `P`.
 *
 * @example The remaining arguments
 * ```ts
 * import { type Plugin, Scheduler, type Submission, type SubmitArgs } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * class Seeded implements Plugin<object, number> {
 *   readonly name = "seeded";
 *   declare readonly types?: { events: object; injects: number };
 *   preSubmit(submission: Submission): Submission {
 *     return { ...submission, injected: [42] };
 *   }
 * }
 *
 * const scheduler = Scheduler.withSequential();
 * const task = scheduler.task((seed: number, n: number) => seed + n, { plugins: new Seeded() });
 * const args: SubmitArgs<Seeded, [seed: number, n: number]> = [1];
 * scheduler.onStart(async () => assertEquals(await task.submit(...args), 43));
 * assertEquals((await scheduler.run()).code, "exhausted");
 * ```
 *
 * @category Plugins
 */
export type SubmitArgs<P, A extends unknown[]> = [Injected<P>] extends [never] ? A
  : A extends [] ? []
  : A extends [first?: infer First, ...rest: infer Rest] ? Injected<P> extends First ? Rest : never
  : never;

/**
 * `undefined` if one of the plugins `P` can decline a submission, otherwise `never`.
 *
 * @example Futures and declined submissions
 * ```ts
 * import { type Declined, type Future, Limiter, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const scheduler = Scheduler.withSequential();
 * const task = scheduler.task((n: number) => n, { plugins: new Limiter({ maxCalls: 1 }) });
 * const futures: (Future<number> | Declined<Limiter>)[] = [];
 * scheduler.onStart(() => {
 *   futures.push(task.submit(1), task.submit(2));
 * });
 * await scheduler.run();
 * assertEquals(futures.map((future) => future?.result), [1, undefined]);
 * assertEquals(futures[1], undefined);
 * ```
 *
 * @category Plugins
 */
export type Declined<P> = EachPlugin<P> extends infer One
  ? One extends { preSubmit?: infer F }
    ? F extends (...args: never[]) => infer S ? null extends S ? undefined : never : never
  : never
  : never;
