// Every export has a summary, its parameters, its errors, and an example that asserts something.
// That the examples run is a matter of `deno test --doc`.
import { assertEquals, assertGreater, assertMatch } from "@std/assert";
import { apiDocs, type ApiModule } from "../fixtures/api_docs.ts";
import { docFaults, moduleFaults } from "../fixtures/doc_faults.ts";
import { read } from "../fixtures/module_graph.ts";

interface Config {
  readonly name: string;
  readonly exports: Readonly<Record<string, string>>;
}

const { name, exports }: Config = JSON.parse(await read("deno.json"));
// In these groups the reference lists what the main entry exports.
const CATEGORIES = [
  "Errors",
  "Events",
  "Executors",
  "Plugins",
  "Scheduler",
  "Statistics",
  "Tasks",
];
const sources = new Map<string, readonly string[]>();

function lines(url: string): readonly string[] {
  const known = sources.get(url) ?? Deno.readTextFileSync(new URL(url)).split("\n");
  sources.set(url, known);
  return known;
}

function faultsOf({ symbols }: ApiModule): string[] {
  return symbols.flatMap((symbol) => docFaults(symbol, lines));
}

// Programs, which export nothing.
const PROGRAMS = ["./nats-worker"];

for (const path of PROGRAMS.map((subpath) => exports[subpath] ?? "")) {
  Deno.test(`${path} is a program whose comment names its command`, async () => {
    const { symbols, "module_doc": jsDoc } = await apiDocs(path);
    assertEquals(symbols, []);
    assertMatch(jsDoc?.doc ?? "", /`deno run .*jsr:@amltk\/scheduling@\S+\/[\w-]+/);
  });
}

for (const [subpath, path] of Object.entries(exports)) {
  if (PROGRAMS.includes(subpath)) continue;
  Deno.test(`${path} and each of its exports are documented`, async () => {
    const module = await apiDocs(path);
    assertGreater(module.symbols.length, 1);
    assertEquals(moduleFaults(module, name + subpath.slice(1)), []);
    assertEquals(faultsOf(module), []);
  });
}

Deno.test("mod.ts has a category for each of its exports", async () => {
  const { symbols } = await apiDocs("mod.ts");
  const declarations = symbols.flatMap(({ declarations, name }) =>
    declarations.map(({ jsDoc }) => ({ name, tags: jsDoc?.tags ?? [] }))
  );
  const used = declarations.map(({ name, tags }) =>
    tags.find(({ kind }) => kind === "category")?.doc?.trim() ?? `none for ${name}`
  );
  assertEquals([...new Set(used)].sort(), CATEGORIES);
});

const UNDOCUMENTED = `
/** Adds numbers, to no avail. */
export function add(a: number, b: number): number {
  if (Number.isNaN(a)) throw new RangeError("no number");
  return a + b;
}

/**
 * A box. An example that shows nothing:
 *
 * \`\`\`ts
 * new Box(1);
 * \`\`\`
 */
export class Box<T> {
  /** Its content. */
  readonly content: T;
  readonly size = 1;
  /**
   * Makes a box.
   *
   * @param value What goes into it.
   */
  constructor(content: T) {
    this.content = content;
    checkContent(content);
  }
  /** What is inside. */
  get inside(): T {
    return this.content;
  }
  /** Takes it out. */
  take(): T[] {
    return [this.content];
  }
  /**
   * Puts it back.
   *
   * @param content
   * @throws {TypeError}
   */
  put(content: T): void {
    checkContent(content);
  }
}

export interface Lid {
  /** Opens it. */
  open(how: string): void;
  /**
   * Closes it.
   *
   * @returns whether it was open.
   */
  close(): boolean;
}

/** How it is closed. */
export type Closing = { lid: Lid };

function checkContent(_content: unknown): void {}
`;

Deno.test("What is not documented is found", async () => {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, UNDOCUMENTED);
    const module = await apiDocs(file);
    assertEquals(moduleFaults(module, name), [
      ": has no summary",
      `: no example imports ${name}`,
    ]);
    assertEquals(faultsOf(module), [
      "add: @param a",
      "add: @param b",
      "add: @returns",
      "add: has no example",
      "add: throws, but has no @throws",
      "Box: its example does not import the package",
      "Box: its example asserts nothing",
      "Box.constructor: @param content",
      "Box.constructor: no value",
      "Box.constructor: throws, but has no @throws",
      "Box.size: has no summary",
      "Box.take: @returns",
      "Box.take: has no example",
      "Box.put: @param content",
      "Box.put: has no example",
      "Box.put: @throws says not when",
      "Lid: has no summary",
      "Lid: has no example",
      "Lid.open: @param how",
      "Closing: has no example",
      "Closing.lid: has no summary",
    ]);
  } finally {
    await Deno.remove(file);
  }
});
