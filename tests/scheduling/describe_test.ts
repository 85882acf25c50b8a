// Values in a few words, however large or hostile they are.
import { assertEquals } from "@std/assert";
import { describeArgs } from "../../scheduling/_describe.ts";

const withKeys = (count: number) => {
  const object: Record<string, unknown> = {};
  for (let n = 0; n < count; n++) object[`key${n}`] = n;
  return object;
};
const LARGE = withKeys(1001);

/** Arguments whose keys `Deno.inspect()` would read, all of them. */
const LARGE_ARGS: readonly (readonly [what: string, arg: unknown, shown: string])[] = [
  ["an object", LARGE, "an object of Object"],
  ["an object of a class", Object.assign(new URLPattern(), LARGE), "an object of URLPattern"],
  ["a member of an object", { name: "a", data: LARGE }, "an object of Object"],
  ["an item of a list", [1, LARGE], "an array"],
  ["a value of a map", new Map([["a", LARGE]]), "an object of Map"],
  ["a key of a map", new Map([[LARGE, "a"]]), "an object of Map"],
  ["an item of a set", new Set([LARGE]), "an object of Set"],
  ["many of many keys", Array(20).fill(withKeys(100)), "an array"],
];
for (const [what, arg, shown] of LARGE_ARGS) {
  Deno.test(`describeArgs() names the type of what is large: ${what}`, () => {
    assertEquals(describeArgs([arg, 1]), `${shown}, 1`);
  });
}

Deno.test("describeArgs() shows the first items of lists", () => {
  const items = Array.from({ length: 100_000 }, (_, n) => n);
  const first = "0, 1, 2, 3, ... 99996 more items";
  assertEquals(describeArgs([items]), `[ ${first} ]`);
  assertEquals(describeArgs([new Set(items)]), `Set(100000) { ${first} }`);
  assertEquals(describeArgs([new Uint8Array(5)]), "Uint8Array(5) [ 0, 0, 0, 0, ... 1 more item ]");
});

Deno.test("describeArgs() calls no getter", () => {
  let calls = 0;
  assertEquals(
    describeArgs([{
      get value() {
        return calls++;
      },
    }]),
    "{ value: [Getter] }",
  );
  assertEquals(calls, 0);
});

Deno.test("describeArgs() shows cycles", () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  assertEquals(describeArgs([cycle]), "<ref *1> { self: [Circular *1] }");
});

Deno.test("describeArgs() cuts no character in two", () => {
  assertEquals(describeArgs([..."12", "x".repeat(40), "日𝄞".repeat(10)]).at(-1), "…");
  for (let length = 60; length < 75; length++) {
    const text = describeArgs([Symbol("a".repeat(length) + "𝄞".repeat(20))]);
    assertEquals(text.isWellFormed(), true, text);
  }
});
