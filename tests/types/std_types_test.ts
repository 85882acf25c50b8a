// The npm package that replaces @std in development has no types, so tools/std declares them. They
// must reject wrong uses. Those that throw at run time too are called; the others are only
// compiled.
import {
  assert,
  assertEquals,
  assertExists,
  assertGreater,
  assertInstanceOf,
  AssertionError,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
} from "@std/assert";
import { deadline } from "@std/async/deadline";
import { delay } from "@std/async/delay";
import * as colors from "@std/fmt/colors";
import { expectTypeOf } from "expect-type";
import { checkTypes } from "../fixtures/check_types.ts";

/** Compiles its body but does not run it. */
function compiles(_body: () => unknown): void {}

Deno.test("deadline() takes a promise and keeps its type", async () => {
  const answer = deadline(Promise.resolve(42), 10_000, {});
  expectTypeOf(answer).toEqualTypeOf<Promise<number>>();
  assertEquals(await answer, 42);
  compiles(() => {
    deadline(Promise.resolve(1), 5, { signal: AbortSignal.abort() });
    // @ts-expect-error text is not a time
    deadline(Promise.resolve(1), "5");
    // @ts-expect-error the time is missing
    deadline(Promise.resolve(1));
    // @ts-expect-error not a promise
    deadline(1, 5);
    // @ts-expect-error not a signal
    deadline(Promise.resolve(1), 5, { signal: 5 });
    // @ts-expect-error no such option
    deadline(Promise.resolve(1), 5, { abort: AbortSignal.abort() });
  });
});

Deno.test("delay() takes milliseconds and returns a promise of nothing", async () => {
  const promise = delay(0);
  expectTypeOf(promise).toEqualTypeOf<Promise<void>>();
  assertEquals(await promise, undefined);
  compiles(() => {
    delay(5, { signal: AbortSignal.abort(), persistent: false });
    // @ts-expect-error text is not a time
    delay("5");
    // @ts-expect-error the time is missing
    delay();
    // @ts-expect-error not a signal
    delay(5, { signal: "stop" });
    // @ts-expect-error no such option
    delay(5, { unref: true });
  });
});

Deno.test("@std/fmt/colors takes text and returns text", () => {
  const { bold, cyan, dim, green, magenta, red, stripAnsiCode, yellow } = colors;
  for (const paint of [bold, cyan, dim, green, magenta, red, yellow, stripAnsiCode]) {
    expectTypeOf(paint).toEqualTypeOf<(text: string) => string>();
    assertEquals(stripAnsiCode(paint("text")), "text");
  }
  expectTypeOf(colors.getColorEnabled).toEqualTypeOf<() => boolean>();
  expectTypeOf(colors.setColorEnabled).toEqualTypeOf<(enabled: boolean) => void>();
  compiles(() => {
    // @ts-expect-error a number is not text
    bold(5);
    // @ts-expect-error the text is missing
    stripAnsiCode();
    // @ts-expect-error text, not a number
    const _n: number = green("x");
    // @ts-expect-error no such colour
    colors.mauve("x");
    // @ts-expect-error text is not a switch
    colors.setColorEnabled("on");
  });
});

Deno.test("@std/assert narrows the types of its arguments", () => {
  const value = [5 as number | undefined, "x" as unknown, 7 as number | string] as const;
  const [number, unknown, either] = value;
  assertExists(number);
  expectTypeOf(number).toEqualTypeOf<number>();
  assert(typeof unknown === "string");
  expectTypeOf(unknown).toEqualTypeOf<string>();
  assert(typeof either === "number");
  expectTypeOf(either).toEqualTypeOf<number>();
  const date: unknown = new Date(0);
  assertInstanceOf(date, Date);
  expectTypeOf(date).toEqualTypeOf<Date>();
});

Deno.test("assertThrows() and assertRejects() return an error of the class", async () => {
  const thrower = () => {
    throw new RangeError("too far");
  };
  const error = assertThrows(thrower, RangeError, "far");
  expectTypeOf(error).toEqualTypeOf<RangeError>();
  assertInstanceOf(error, RangeError);
  const rejection = await assertRejects(() => Promise.reject(new TypeError("no")), TypeError);
  expectTypeOf(rejection).toEqualTypeOf<TypeError>();
  assertInstanceOf(rejection, TypeError);
  compiles(() => {
    // @ts-expect-error not a function
    assertThrows(5);
    // @ts-expect-error not a class
    assertThrows(thrower, "RangeError", "far");
    // @ts-expect-error text, not a pattern
    assertThrows(thrower, RangeError, /far/);
    // @ts-expect-error a function that returns no promise
    assertRejects(() => 5);
    // @ts-expect-error a promise, not a function
    assertRejects(Promise.reject(new Error("no")));
  });
});

Deno.test("@std/assert rejects values of other types", () => {
  assertNotEquals(1, 2);
  assertGreater(2, 1);
  assertStringIncludes("text", "ex");
  assertMatch("text", /e/);
  assertStrictEquals("x" as unknown, "x");
  compiles(() => {
    // @ts-expect-error a number and text
    assertEquals(1, "1");
    // @ts-expect-error a number and text
    assertNotEquals(1, "1");
    // @ts-expect-error text is needed
    assertStringIncludes(["text"], "text");
    // @ts-expect-error text is not a pattern
    assertMatch("text", "e");
    // @ts-expect-error an object is not a class
    assertInstanceOf(1, {});
    // @ts-expect-error a number and text
    assertGreater(2, "1");
    // @ts-expect-error a number is not a message
    fail(5);
    expectTypeOf(fail()).toEqualTypeOf<never>();
  });
});

Deno.test("@std/assert fails with AssertionError, as its types say", () => {
  const failing = [
    () => assert(0),
    () => assertEquals([1], [2]),
    () => assertNotEquals(1, 1),
    () => assertStrictEquals([1], [1]),
    () => assertExists(null),
    () => assertInstanceOf(1, Date),
    () => assertMatch("a", /b/),
    () => assertStringIncludes("a", "b"),
    () => assertGreater(1, 1),
    () => fail("always"),
    () => assertThrows(() => {}),
    () => assertThrows(() => JSON.parse("{"), TypeError),
  ];
  for (const attempt of failing) assertThrows(attempt, AssertionError);
  expectTypeOf(new AssertionError("x")).toEqualTypeOf<Error>();
});

Deno.test("deno check accepts a right use of @std/async/deadline", async () => {
  const { compiles, errors } = await checkTypes(`
    import { deadline } from "@std/async/deadline";
    export const text: string = await deadline(Promise.resolve("x"), 5);
  `);
  assert(compiles, errors);
});

Deno.test("deno check rejects wrong uses of @std/async/deadline", async () => {
  const { compiles, errors } = await checkTypes(`
    import { deadline, deadlines } from "@std/async/deadline";
    deadlines(Promise.resolve("x"), 5);
    export const n: number = await deadline(Promise.resolve("x"), 5);
    await deadline(Promise.resolve("x"), "5");
  `);
  assertEquals(compiles, false);
  for (
    const message of [
      "has no exported member named 'deadlines'",
      "Type 'string' is not assignable to type 'number'",
      "Argument of type 'string' is not assignable to parameter of type 'number'",
    ]
  ) assertStringIncludes(errors, message);
});
