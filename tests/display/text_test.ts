// How displays show text of users, durations and numbers.
import { assertEquals, assertLess } from "@std/assert";
import { replaceMethod } from "../fixtures/replaced_method.ts";
import {
  count,
  cutTo,
  duration,
  printable,
  rate,
  widthOf,
} from "../../scheduling/display/_text.ts";

Deno.test("printable() writes out what would act on a terminal", () => {
  assertEquals(printable("a\x1b[31mb\n\t\r\0\x7f\x9b"), "a\\x1b[31mb\\n\\t\\r\\x00\\x7f\\x9b");
  assertEquals(
    printable("left\u202eright\u2066\u200b\ufeff"),
    "left\\u202eright\\u2066\\u200b\\ufeff",
  );
  assertEquals(printable("half \ud800 of"), "half \\ud800 of");
});

Deno.test("printable() leaves text of all languages and emoji as it is", () => {
  for (const text of ["naïve", "日本語", "👨‍👩‍👧", "עברית", "हिन्दी", "a b"]) {
    assertEquals(printable(text), text);
  }
});

const WIDTHS: readonly (readonly [text: string, columns: number])[] = [
  ["", 0],
  ["abc", 3],
  ["日本", 4],
  ["한글", 4],
  ["ｱｲ", 2],
  ["ＡＢ", 4],
  ["e\u0301", 1],
  ["👨‍👩‍👧", 2],
  ["❤️", 2],
  ["\x1b[1mab\x1b[22m", 2],
];

for (const [text, columns] of WIDTHS) {
  Deno.test(`widthOf() of ${JSON.stringify(text)} is ${columns}`, () => {
    assertEquals(widthOf(text), columns);
  });
}

Deno.test("cutTo() cuts between characters, and keeps colours whole", () => {
  assertEquals(cutTo("abcdef", 6), "abcdef");
  assertEquals(cutTo("abcdef", 4), "abc…");
  assertEquals(cutTo("日本語", 4), "日…");
  assertEquals(cutTo("\x1b[31mabcdef\x1b[39m gh", 4), "\x1b[31mabc…\x1b[39m");
  for (let width = 1; width < 8; width++) {
    assertEquals(widthOf(cutTo("a日b本c👨‍👩‍👧", width)) <= width, true, `${width}`);
  }
});

Deno.test("cutTo() does not look at what it cuts off", () => {
  const iterator = Object.getPrototypeOf(new Intl.Segmenter().segment("")[Symbol.iterator]());
  let read = 0;
  using _counting = replaceMethod(iterator, "next", (next) =>
    function () {
      read++;
      return next.call(this);
    });
  assertEquals(cutTo("日".repeat(10_000), 9), "日日日日…");
  assertLess(read, 100);
});

const DURATIONS: readonly (readonly [ms: number, text: string])[] = [
  [0, "0 ms"],
  [0.0123, "0.012 ms"],
  [3.444, "3.44 ms"],
  [999.4, "999 ms"],
  [999.6, "1 s"],
  [2310, "2.31 s"],
  [59_949, "59.9 s"],
  [59_951, "1 min 0 s"],
  [3_599_600, "1 h 0 min"],
  [90_000_000, "25 h 0 min"],
];

for (const [ms, text] of DURATIONS) {
  Deno.test(`duration() of ${ms} is ${text}`, () => assertEquals(duration(ms), text));
}

Deno.test("rate() and count() have few digits and separators", () => {
  assertEquals([0, 0.256, 12.34, 3400.4].map(rate), ["0/s", "0.26/s", "12.3/s", "3,400/s"]);
  assertEquals(count(1_000_000), "1,000,000");
});
