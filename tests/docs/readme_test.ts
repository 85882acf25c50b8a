/** What README says holds, and what tables of the guide list: programs run as documentation tests. @module */

import * as scheduling from "@amltk/scheduling";
import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { languagesOf } from "../fixtures/fences.ts";
import { maskedTree } from "../fixtures/masked_tree.ts";
import { docTable } from "../fixtures/doc_table.ts";
import results from "../../bench/results.json" with { type: "json" };
import { read } from "../fixtures/module_graph.ts";

interface Config {
  readonly tasks: Record<string, string>;
  readonly exports: Record<string, string>;
  readonly name: string;
}

const readme = Deno.readTextFileSync(new URL("../../README.md", import.meta.url));
const config: Config = JSON.parse(
  Deno.readTextFileSync(new URL("../../deno.json", import.meta.url)),
);

function blocks(language: string): string[] {
  const fence = new RegExp("^```" + language + "$\\n([\\s\\S]*?)^```$", "gm");
  return [...readme.matchAll(fence)].map(([, code]) => code ?? "");
}

Deno.test("README has no code block that is left out of the tests", () => {
  const languages = new Set(languagesOf(readme));
  assertEquals([...languages].sort(), ["sh", "text", "ts"]);
  assert(blocks("ts").length >= 5);
});

Deno.test("README has at most 200 lines", () => {
  assert(readme.trimEnd().split("\n").length <= 200);
});

Deno.test("README names the throughput that the benchmark has measured", () => {
  const ratio = (over: string) =>
    results.findings.find((finding) =>
      finding.row.startsWith("fan-out of 20000 tasks") && finding.over === over
    )?.ratio ?? NaN;
  const best = results.findings.find(({ row }) => row === "fan-out of 20000 tasks, best peer");
  const text = readme.replaceAll(/\s+/g, " ");
  assertStringIncludes(
    text,
    `${
      Math.floor(ratio("raw pool"))
    } times the throughput of a hand-written pool of bare workers, ` +
      `${Math.floor(best?.ratio ?? NaN)} times that of the fastest npm pool`,
  );
});

Deno.test("README names no task that there is not", () => {
  const commands = blocks("sh").join("\n");
  const tasks = [...commands.matchAll(/task (\S+)/g)].map(([, task]) => task ?? "");
  assertEquals(tasks, ["demo", "test", "demo", "test"]);
  for (const task of tasks) assert(config.tasks[task] !== undefined, task);
  assertStringIncludes(commands, `deno add jsr:${config.name}`);
});

Deno.test("README says how to add all that its programs import", () => {
  const imported = blocks("ts").flatMap((code) => [...code.matchAll(/ from "(@[^/]+\/[^/"]+)/g)]);
  const added = blocks("sh").flatMap((code) => [...code.matchAll(/^deno add jsr:(@[^@\s]+)/gm)]);
  const names = (matches: RegExpExecArray[]) =>
    [...new Set(matches.map(([, name]) => name))].sort();
  assertEquals(names(added), names(imported));
});

Deno.test("The guide lists the events of a Limiter in the order in which it asks", async () => {
  const [, ...rows] = await docTable("docs/plugins.md", "option of `Limiter`");
  const listed = rows.map(([, , event]) => event?.replaceAll("`", ""));
  assertEquals(listed, [...new scheduling.Limiter({}).events]);
});

Deno.test("The reference lists every entry point", async () => {
  const text = await read("docs/reference.md");
  const listed = [...text.matchAll(/^\| `(@amltk\/scheduling[^`]*)`/gm)].map(([, name]) => name);
  const entries = Object.keys(config.exports).map((path) => config.name + path.slice(1));
  assertEquals(listed.sort(), entries.sort());
});

Deno.test("The reference lists every class of error", async () => {
  const [, ...rows] = await docTable("docs/reference.md", "class of error");
  const listed = rows.flatMap((row) => [...row.join().matchAll(/`(\w+Error)`/g)]).map(([, n]) => n);
  const classes = Object.keys(scheduling).filter((name) => name.endsWith("Error"));
  assertEquals(listed.sort(), classes.sort());
});

Deno.test("CONTRIBUTING lists every task", () => {
  const text = Deno.readTextFileSync(new URL("../../CONTRIBUTING.md", import.meta.url));
  const listed = [...text.matchAll(/^\| `deno task (\S+)`/gm)].map(([, task]) => task);
  assertEquals(listed.sort(), Object.keys(config.tasks).sort());
});

Deno.test("README shows what its first program prints, with read permission alone", async () => {
  const [program = ""] = blocks("ts");
  const [tree = ""] = blocks("text");
  const root = new URL("../..", import.meta.url);
  const child = new Deno.Command(Deno.execPath(), {
    cwd: root,
    args: [
      "run",
      "--no-prompt",
      "--import-map=import_map.npm.json",
      `--allow-read=${root.pathname}`,
      "--ext=ts",
      "-",
    ],
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(program));
  await writer.close();
  const { stdout, code } = await child.output();
  const [first, ...rest] = new TextDecoder().decode(stdout).split("\n");
  const printed = [];
  while (rest.length > 0 && !rest[0]?.startsWith("╭")) printed.push(rest.shift());
  assertEquals(code, 0);
  const answers = [first, ...printed].join("").replaceAll(/\s+/g, "");
  assertEquals(answers, "exhausted[12,6,3,10,5,16,8,4,2,1]");
  const [shown = ""] = maskedTree(tree).split("\n…");
  assertEquals(maskedTree(rest.join("\n")).slice(0, shown.length), shown);
  assertGreater(shown.length, 400);
});
