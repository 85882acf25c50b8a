// Text in HTML.
import { assertEquals } from "@std/assert";
import { type Content, markup } from "../../scheduling/display/_html.ts";
import { framed } from "../../scheduling/display/_html.ts";
import { facts, table } from "../../scheduling/display/_html.ts";
import { HOSTILE, shownAs } from "../fixtures/hostile_texts.ts";
import { safeHtml, tableOf } from "../fixtures/parsed_html.ts";

for (const [what, text] of Object.entries(HOSTILE)) {
  Deno.test(`markup shows ${what} as text`, () => {
    const { text: shown } = safeHtml(`${markup`<p>${text}</p>`}`);
    assertEquals(shown, shownAs(text));
  });

  Deno.test(`markup keeps ${what} inside an attribute`, () => {
    const { elements } = safeHtml(`${markup`<p class="${text}">text</p>`}`);
    assertEquals(elements.map(({ attrs }) => attrs), [[{ name: "class", value: shownAs(text) }]]);
  });
}

Deno.test("markup inserts numbers, lists, other markup and nothing", () => {
  const list: Content = [1, "<", markup`<b>${"&"}</b>`, [undefined, "x"], undefined];
  assertEquals(`${markup`<p>${list}</p>`}`, "<p>1&lt;<b>&amp;</b>x</p>");
});

Deno.test("framed() wraps contents with a style of their own", () => {
  const { elements, text } = safeHtml(framed(markup`<p>${"text"}</p>`));
  assertEquals(elements.map(({ tagName }) => tagName), ["div", "style", "p"]);
  assertEquals(text, "text");
});

Deno.test("table() has a header for each column and each row", () => {
  const rows = [{ name: "a", size: 1234 }, { name: "b", size: 2 }];
  const parsed = safeHtml(`${
    table("Sizes", rows, [
      { head: "name", cell: ({ name }) => name },
      { head: "size", cell: ({ size }) => size, isNumber: true },
    ], { name: "all", size: 1236 })
  }`);
  assertEquals(tableOf(parsed, "Sizes"), [
    ["name", "size"],
    ["a", "1,234"],
    ["b", "2"],
    ["all", "1,236"],
  ]);
  const scopes = parsed.elements.filter(({ tagName }) => tagName === "th")
    .map(({ attrs }) => attrs.find(({ name }) => name === "scope")?.value);
  assertEquals(scopes, ["col", "col", "row", "row", "row"]);
});

Deno.test("table() shows 64 rows and counts the others", () => {
  const rows = Array.from({ length: 1100 }, (_, index) => index);
  const parsed = safeHtml(`${table("All", rows, [{ head: "n", cell: (n) => n }])}`);
  const shown = tableOf(parsed, "All").map(([cell]) => cell);
  assertEquals([shown.length, shown[64], shown[65]], [66, "63", "and 1,036 more"]);
});

Deno.test("table() and facts() are left out when they have no rows", () => {
  assertEquals(table("None", [], []), undefined);
  assertEquals(facts([["name", undefined]]), undefined);
});
