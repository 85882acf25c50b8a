// `deno task docs` makes a site with a page for each export, and has nothing to complain of.
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { apiDocs } from "../fixtures/api_docs.ts";
import { read, ROOT } from "../fixtures/module_graph.ts";

interface Config {
  readonly exports: Readonly<Record<string, string>>;
  readonly tasks: Readonly<Record<string, string>>;
}

const { exports, tasks }: Config = JSON.parse(await read("deno.json"));

Deno.test("deno task docs builds a site of every entry point without a warning", async () => {
  const folder = await Deno.makeTempDir();
  try {
    assertEquals(await build(folder), []);
    for (const [subpath, path] of Object.entries(exports)) await checkPages(folder, subpath, path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("What deno task docs writes is no part of the repository", async () => {
  assertEquals((await read(".gitignore")).split("\n").includes("api/"), true);
});

/** Runs the task with another folder, and returns what it says beside that it has written. */
async function build(folder: string): Promise<string[]> {
  const [program, ...args] = (tasks.docs ?? "").split(" ");
  const paths = args.filter((arg) => arg.endsWith(".ts"));
  assertEquals([program, ...paths], [
    "deno",
    ...Object.values(exports).map((path) => path.slice(2)),
  ]);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    cwd: ROOT,
    args: args.map((arg) => arg === "--output=api" ? `--output=${folder}` : arg),
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  const said = (decoder.decode(stdout) + decoder.decode(stderr)).trim().split("\n");
  assertMatch(said.pop() ?? "", /^Written \d{3,} files to /);
  assertEquals(code, 0);
  return said;
}

async function checkPages(folder: string, subpath: string, path: string): Promise<void> {
  const { symbols, "module_doc": jsDoc } = await apiDocs(path);
  const pages = `${folder}/${subpath}`;
  for (const { name } of symbols) {
    assertStringIncludes(await Deno.readTextFile(`${pages}/~/${name}.html`), name);
  }
  // Without what is written otherwise in HTML.
  const [summary = ""] = jsDoc?.doc?.split(/[:,`{.]/) ?? [];
  assertStringIncludes(
    await Deno.readTextFile(`${pages}/index.html`),
    summary.split("\n")[0] ?? "",
  );
}
