/** That docs/reference.md lists every member and option, with its default. @module */

import { assertEquals, assertGreater } from "@std/assert";
import { apiDocs, type ApiSymbol, type JsDoc, type Member } from "../fixtures/api_docs.ts";
import { tableRows } from "../fixtures/doc_table.ts";
import { read } from "../fixtures/module_graph.ts";

const PAGE = "docs/reference.md";
const CLASSES = ["Emitter", "ExitState", "Future", "QueueMonitor", "Requeue", "Scheduler", "Task"];
const RECORDS = ["ErrorPolicies"];
// Whose constructors are for the package itself.
const MADE_BY_THE_PACKAGE = ["Future", "Task"];

const ENTRY_POINTS = [
  "mod.ts",
  "executors/nats/mod.ts",
  "executors/slurm/mod.ts",
  "scheduling/display/plots/mod.ts",
];
const symbols = (await Promise.all(ENTRY_POINTS.map(apiDocs))).flatMap(({ symbols }) => symbols);
const sections = sectionsOf(await read(PAGE));
const options = [...symbols.filter(isOptions).map(({ name }) => name), ...RECORDS];

/** The rows of the table below each heading that is a name in code. */
function sectionsOf(markdown: string): Map<string, string[][]> {
  const parts = markdown.split(/^#{2,3} (.+)$/m).slice(1);
  const sections = new Map<string, string[][]>();
  for (let at = 0; at < parts.length; at += 2) {
    const name = /^`(\w+)`$/.exec(parts[at] ?? "")?.[1];
    const text = parts[at + 1] ?? "";
    if (name !== undefined) sections.set(name, tableRows(text.slice(text.indexOf("\n| ") + 1)));
  }
  return sections;
}

function isOptions({ name, declarations }: ApiSymbol): boolean {
  return name.endsWith("Options") && declarations[0]?.kind === "interface";
}

/** The public members of a class or interface by name, each with what is said of it. */
function membersOf(name: string): Map<string, Member> {
  const def = symbols.find((symbol) => symbol.name === name)?.declarations[0]?.def;
  const members = [
    ...MADE_BY_THE_PACKAGE.includes(name) ? [] : def?.constructors ?? [],
    ...def?.methods ?? [],
    ...def?.properties ?? [],
  ];
  return new Map(members.map((member) => [member.name ?? "", member]));
}

function listed(name: string): string[] {
  const [, ...rows] = sections.get(name) ?? [];
  return rows.map(([cell = ""]) => /^`(\[[\w.]+\]|\w+)/.exec(cell)?.[1] ?? cell);
}

/** What a comment says is the default, which its parser takes for text if it stands in a line of it. */
function defaultOf(jsDoc: JsDoc | undefined): string {
  const tag = jsDoc?.tags?.find(({ kind }) => kind === "default") as { value?: string } | undefined;
  return tag?.value ?? /@default \{(.*)\}/.exec(jsDoc?.doc ?? "")?.[1] ?? "";
}

Deno.test("The reference has a section for every type", () => {
  assertGreater(options.length, 10);
  assertEquals([...sections.keys()].sort(), [...CLASSES, ...options].sort());
});

for (const name of [...CLASSES, ...options]) {
  Deno.test(`The reference lists every member of ${name}, and no other`, () => {
    assertEquals(listed(name).sort(), [...membersOf(name).keys()].sort());
  });
}

for (const name of options) {
  Deno.test(`The reference has the defaults of ${name}`, () => {
    const [head = [], ...rows] = sections.get(name) ?? [];
    assertEquals([head[0], head.at(-1)], ["option", "default"]);
    const expected = listed(name).map((option) => defaultOf(membersOf(name).get(option)?.jsDoc));
    assertEquals(rows.map((row) => row.at(-1)?.replaceAll("`", "")), expected);
  });
}
