// Import specifiers that readers copy must ask for compatible versions.
import { assert, assertEquals } from "@std/assert";
import { filesOf, read, ROOT } from "../fixtures/module_graph.ts";

const { name, version }: { name: string; version: string } = JSON.parse(await read("deno.json"));

/** The range of versions that are compatible with this one. */
function rangeOf(version: string): string {
  const [major = "", minor = ""] = version.split(".");
  return major === "0" ? `^0.${minor}` : `^${major}`;
}

/** The version range of each `jsr:` import of the package in a text. */
function pins(text: string): string[] {
  const pattern = new RegExp(`jsr:/?${name}(?:@([\\w.^~*<>=-]+))?`, "g");
  return [...text.matchAll(pattern)].map(([, range = "any version"]) => range);
}

async function texts(): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(ROOT));
  const seen = entries.filter((entry) => !/^(\.|api$|node_modules$)/.test(entry.name));
  const folders = seen.filter((entry) => entry.isDirectory).map((entry) => entry.name);
  const files = seen.filter((entry) => entry.isFile && /\.(md|ts|json)$/.test(entry.name));
  const ends = [".md", ".ts", ".json", ".ipynb"];
  const below = await Promise.all(ends.map((end) => filesOf(folders, end)));
  return [...files.map((entry) => entry.name), ...below.flat()];
}

Deno.test("Every jsr: import asks for compatible versions", async () => {
  const found: [path: string, range: string][] = [];
  for (const path of await texts()) {
    for (const range of pins(await read(path))) found.push([path, range]);
  }
  const wanted = rangeOf(version);
  assertEquals(found.filter(([, range]) => range !== wanted), []);
  const paths = found.map(([path]) => path);
  for (const path of ["README.md", "tests/registry/consumer.ts", "examples/notebook.ipynb"]) {
    assert(paths.includes(path), path);
  }
});

Deno.test("A range ends at the next breaking version", () => {
  assertEquals(["0.1.0", "0.12.3", "1.4.0"].map(rangeOf), ["^0.1", "^0.12", "^1"]);
  const text = ["", "@^0.1", "@0.1.0/plugins", "/plugins"].map((end) => `"jsr:${name}${end}"`);
  assertEquals(pins(text.join()), ["any version", "^0.1", "0.1.0", "any version"]);
});
