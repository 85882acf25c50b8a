// Task.map() from a consumer's side: what compiles, and what its results are.
import {
  Limiter,
  type MapOptions,
  type Plugin,
  Requeue,
  type Scheduler,
  type Submission,
} from "@amltk/scheduling";
import { expectTypeOf } from "expect-type";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { checkTypes } from "../fixtures/check_types.ts";

type Results<R> = AsyncGenerator<R, void, void>;

/** Compiles its body, and does not run it. */
function compiles(_body: (scheduler: Scheduler) => unknown): void {}

async function* words(): AsyncGenerator<string> {
  yield await Promise.resolve("word");
}

class Seeded implements Plugin<object, Date> {
  readonly name = "seeded";
  declare readonly types?: { events: object; injects: Date };
  preSubmit(submission: Submission): Submission {
    return submission;
  }
}

Deno.test("Task.map() takes items that are the only argument", () => {
  compiles((scheduler) => {
    const task = scheduler.task((n: number) => Promise.resolve(String(n)));
    const numbers: readonly number[] = [1, 2];
    expectTypeOf(task.map(numbers)).toEqualTypeOf<Results<string>>();
    expectTypeOf(task.map(new Set(numbers), { concurrency: 2, ordered: false }))
      .toEqualTypeOf<Results<string>>();
    task.map(new Requeue(numbers), { signal: new AbortController().signal, args: undefined });
    task.map(numbers.values(), { concurrency: undefined, ordered: undefined, signal: undefined });
    scheduler.task((text: string) => text.length).map(words());
    scheduler.task((text: string) => text.length).map(ReadableStream.from(["a"]));
    const named = [{ id: 1, name: "one" }];
    scheduler.task((item: { id: number }) => item.id).map(named);
    // @ts-expect-error another type
    task.map(["1"]);
    // @ts-expect-error another type
    task.map(words());
    // @ts-expect-error not iterable
    task.map(5);
    // @ts-expect-error a promise of items
    task.map(Promise.resolve(numbers));
    // @ts-expect-error an unknown option
    task.map(numbers, { order: true });
    // @ts-expect-error a wrong value
    task.map(numbers, { concurrency: "2" });
  });
});

Deno.test("Task.map() counts optional and rest parameters out", () => {
  compiles((scheduler) => {
    expectTypeOf(scheduler.task((n: number, base?: number) => n + (base ?? 0)).map([1]))
      .toEqualTypeOf<Results<number>>();
    scheduler.task((n = 1) => n).map([1, undefined]);
    scheduler.task((...all: string[]) => all.length).map(["a"]);
    scheduler.task((first: Date, ...all: string[]) => [first, all]).map([new Date()]);
    scheduler.task((value: unknown) => value).map([1, "a"]);
    // deno-lint-ignore no-explicit-any -- a function that says nothing of its parameters
    scheduler.task((value: any, ...all: any[]) => [value, all]).map([1, "a"]);
  });
});

Deno.test("Task.map() needs args where the item is not the only argument", () => {
  compiles((scheduler) => {
    const repeat = scheduler.task((text: string, times: number) => text.repeat(times));
    // @ts-expect-error the second argument is missing
    repeat.map(["a"]);
    // @ts-expect-error the second argument is missing
    repeat.map(["a"], { ordered: false });
    expectTypeOf(repeat.map(["a"], { args: (text) => [text, 2] })).toEqualTypeOf<Results<string>>();
    repeat.map(words(), {
      args: (text) => {
        expectTypeOf(text).toEqualTypeOf<string>();
        return [text, 2];
      },
    });
    repeat.map([{ text: "a", times: 2 }], { args: ({ text, times }) => [text, times] });
    // @ts-expect-error a wrong argument
    repeat.map(["a"], { args: (text) => [text, "2"] });
    // @ts-expect-error a missing argument
    repeat.map(["a"], { args: (text) => [text] });
    const nothing = scheduler.task(() => 1);
    nothing.map([1, 2], { args: () => [] });
    // @ts-expect-error it takes no argument
    nothing.map([1, 2]);
    const one = scheduler.task((n: number) => n);
    one.map([{ id: 1 }], { args: ({ id }) => [id] });
    one.map([1], { args: (n) => [n + 1] });
    const options: MapOptions<string, [text: string, times: number]> = { concurrency: 2 };
    repeat.map(["a"], { ...options, args: (text) => [text, 1] });
  });
});

Deno.test("Task.map() has results also where plugins decline or inject", () => {
  compiles((scheduler) => {
    const limited = scheduler.task((n: number) => n, { plugins: new Limiter({ maxCalls: 1 }) });
    expectTypeOf(limited.map([1])).toEqualTypeOf<Results<number>>();
    const injected = scheduler.task((seed: Date, n: number) => seed.getTime() + n, {
      plugins: [new Limiter({}), new Seeded()],
    });
    expectTypeOf(injected.map([1])).toEqualTypeOf<Results<number>>();
    injected.map(["1"], { args: (text) => [Number(text)] });
    // @ts-expect-error the plugin gives it
    injected.map([1], { args: (n) => [new Date(), n] });
    const two = scheduler.task((seed: Date, n: number, text: string) => `${seed}${n}${text}`, {
      plugins: new Seeded(),
    });
    // @ts-expect-error the second argument is missing
    two.map([1]);
    two.map([1], { args: (n) => [n, "a"] });
  });
});

Deno.test("Task.with() has a map() of the same type", () => {
  compiles(async (scheduler) => {
    const limited = scheduler.task((n: number) => n, { plugins: new Limiter({ maxCalls: 1 }) });
    const { map, submit } = limited.with({ signal: new AbortController().signal });
    expectTypeOf(map).toEqualTypeOf<typeof limited.map>();
    expectTypeOf(submit).toEqualTypeOf<typeof limited.submit>();
    for await (const n of map([1])) expectTypeOf(n).toEqualTypeOf<number>();
    const results = limited.map([1]);
    const { done, value } = await results.next();
    if (done !== true) expectTypeOf(value).toEqualTypeOf<number>();
    expectTypeOf(await results.return()).toEqualTypeOf<IteratorResult<number, void>>();
    await using disposed = limited.map([1]);
    expectTypeOf(await Array.fromAsync(disposed)).toEqualTypeOf<number[]>();
    // @ts-expect-error another type
    map(["1"]);
  });
});

Deno.test("whenBelow() is a promise of nothing", () => {
  compiles((scheduler) => {
    expectTypeOf(scheduler.whenBelow(1)).toEqualTypeOf<Promise<void>>();
    expectTypeOf(scheduler.task(() => 1).whenBelow).parameters.toEqualTypeOf<[count: number]>();
    // @ts-expect-error a number is needed
    scheduler.whenBelow();
  });
});

Deno.test("Task.map() without args says what is required", async () => {
  const { compiles, errors } = await checkTypes(`
    import { Scheduler } from "@amltk/scheduling";

    const scheduler = Scheduler.withSequential();
    const repeat = scheduler.task((text: string, times: number) => text.repeat(times));
    export const results: unknown = repeat.map(["a"]);
  `);
  assertEquals(compiles, false);
  assertStringIncludes(errors, "ArgsRequired<[text: string, times: number]>");
  assertStringIncludes(errors, "program.ts:6:");
});
