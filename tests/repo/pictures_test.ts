/** The pictures of the documents, made again. @module */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { terminalSVG } from "../../tools/pictures/terminal_svg.ts";
import { read } from "../fixtures/module_graph.ts";
import { hasTool } from "../fixtures/tools.ts";

const ROOT = new URL("../../", import.meta.url);
const FOLDER = "docs/pictures";
const TOOLS = ["tmux", "jupyter-nbconvert", "chromium"];
const PNG = new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10]);

/** What one who looks at a picture must find in it. */
const SHOWN: Readonly<Record<string, readonly RegExp[]>> = {
  "live.svg": [
    /running/,
    /of 72 done/,
    /about \d+ s left/,
    /failed/,
    /\d+ wait for train/,
    /slowest/,
    /1×/,
    /loss \d/,
  ],
  "run.svg": [
    /longest queue/,
    /worker \d lost/,
    /slowest task: (train|load), [\d.]+ ms/,
    /tried again/,
  ],
};

async function makePictures(folder: string): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    cwd: ROOT,
    args: [
      ...["run", "--quiet", "--allow-all", "--import-map=import_map.npm.json"],
      ...["tools/pictures/main.ts", "--out", folder],
    ],
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** The text of a picture, without elements. */
function textOf(svg: string): string {
  return svg.replace(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");
}

async function assertPictures(folder: string | URL, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const bytes = await Deno.readFile(`${folder}/${name}`);
    if (name.endsWith(".png")) {
      assertEquals(bytes.subarray(0, PNG.length), PNG);
      continue;
    }
    const text = textOf(new TextDecoder().decode(bytes));
    for (const shown of SHOWN[name] ?? []) assertMatch(text, shown, name);
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).toSorted();
}

Deno.test({
  name: "Pictures are made by a program, from real runs",
  ignore: !TOOLS.every(hasTool),
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      const printed = await makePictures(folder);
      const names = await namesIn(folder);
      assertEquals(printed, names.map((name) => `${folder}/${name}\n`).join(""));
      assertEquals(names, await namesIn(new URL(FOLDER, ROOT).pathname));
      await assertPictures(folder, names);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("Pictures of the documents show what they are for, and each is shown", async () => {
  const names = await namesIn(new URL(FOLDER, ROOT).pathname);
  await assertPictures(new URL(FOLDER, ROOT).pathname, names);
  const page = await read("docs/watching_a_run.md");
  for (const name of names) assertStringIncludes(page, `](pictures/${name})`);
  assertStringIncludes(await read("README.md"), "](docs/pictures/live.svg)");
});

Deno.test("terminalSVG() keeps columns, colours and special characters", () => {
  const svg = terminalSVG(["a\x1b[1;31m<b>\x1b[0m & c", "  \x1b[2mdim\x1b[22m"], 'a "title"');
  const texts = [
    ...svg.matchAll(
      /<text x="([\d.]+)" y="[\d.]+"[^>]*fill="([^"]+)"( font-weight="bold")?[^>]*>([^<]*)</g,
    ),
  ]
    .map(([, x, fill, bold, text]) => [x, fill, bold !== undefined, text]);
  const [first, second, third, fourth] = texts;
  assertEquals([first?.[3], second?.[3], third?.[3], fourth?.[3]], [
    "a",
    "&lt;b>",
    " &amp; c",
    "dim",
  ]);
  assert(Number(first?.[0]) < Number(second?.[0]) && Number(second?.[0]) < Number(third?.[0]));
  assertEquals([first?.[2], second?.[2], third?.[2]], [false, true, false]);
  assert(first?.[1] !== second?.[1] && first?.[1] === third?.[1] && fourth?.[1] !== first?.[1]);
  assertStringIncludes(svg, "<title>a &quot;title&quot;</title>");
});
