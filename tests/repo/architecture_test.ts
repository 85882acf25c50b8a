// The rules for imports between the modules of the package, type imports included.
import { assert, assertEquals, assertGreater } from "@std/assert";
import { type Dependency, filesOf, moduleGraph, read } from "../fixtures/module_graph.ts";

const FOLDERS = ["scheduling", "plugins", "executors"];
const MAX_CODE_LINES = 250;

// Which folder imports from which other. A new arrow needs a reason, and must not close a cycle.
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  "executors": [
    "executors/_contract",
    "executors/_links",
    "executors/_pool",
    "executors/_wire",
    "executors/_worker",
    "scheduling",
    "scheduling/_base",
  ],
  "executors/_contract": ["scheduling"],
  "executors/_channels": ["executors/_wire", "scheduling", "scheduling/_base"],
  "executors/_pool": [
    "executors/_calls",
    "executors/_channels",
    "executors/_links",
    "executors/_wire",
    "scheduling",
    "scheduling/_base",
  ],
  "executors/_calls": [
    "executors/_channels",
    "executors/_progress",
    "executors/_wire",
    "scheduling",
    "scheduling/_base",
  ],
  "executors/_links": ["executors/_wire", "executors/_worker", "scheduling", "scheduling/_base"],
  "executors/_progress": ["executors/_wire"],
  "executors/_worker": [
    "executors/_progress",
    "executors/_wire",
    "scheduling",
    "scheduling/_base",
  ],
  "executors/_wire": ["scheduling", "scheduling/_base"],
  "executors/nats": [
    "executors",
    "executors/_calls",
    "executors/_wire",
    "executors/nats/_home",
    "executors/nats/_remote",
    "executors/nats/_wire",
    "scheduling",
    "scheduling/_base",
  ],
  "executors/nats/_home": [
    "executors/_calls",
    "executors/_pool",
    "executors/_wire",
    "executors/nats",
    "executors/nats/_wire",
    "scheduling",
    "scheduling/_base",
  ],
  "executors/nats/_remote": [
    "executors/_wire",
    "executors/nats",
    "executors/nats/_wire",
    "scheduling",
    "scheduling/_base",
  ],
  "executors/nats/_wire": ["executors/_wire", "scheduling", "scheduling/_base"],
  "executors/slurm": ["executors/nats/_wire", "scheduling/_base"],
  "plugins": ["plugins/journal", "scheduling", "scheduling/_base", "scheduling/_plugins"],
  "plugins/journal": ["scheduling", "scheduling/_base"],
  "scheduling": [
    "executors",
    "scheduling/_base",
    "scheduling/_map",
    "scheduling/_plugins",
    "scheduling/_run",
    "scheduling/display",
  ],
  "scheduling/_base": ["scheduling"],
  "scheduling/_map": ["scheduling", "scheduling/_base"],
  "scheduling/_plugins": ["scheduling", "scheduling/_base"],
  "scheduling/_run": [
    "scheduling",
    "scheduling/_base",
    "scheduling/_plugins",
    "scheduling/display",
  ],
  "scheduling/display": ["scheduling", "scheduling/_base"],
  "scheduling/display/plots": ["scheduling/_base", "scheduling/display"],
};

// Executors depend on the contract and the base. A new entry needs a reason.
const SCHEDULING_FOR_EXECUTORS = [
  "scheduling/channel.ts",
  "scheduling/errors.ts",
  "scheduling/executor.ts",
  "scheduling/function.ts",
  "scheduling/limits.ts",
  "scheduling/worker_comm.ts",
];

// The contract checks for executors run them in a scheduler.
const SCHEDULING_FOR_CONTRACT = [
  "scheduling/_base/time.ts",
  "scheduling/channel.ts",
  "scheduling/errors.ts",
  "scheduling/executor.ts",
  "scheduling/function.ts",
  "scheduling/future.ts",
  "scheduling/plugin.ts",
  "scheduling/scheduler.ts",
  "scheduling/worker_comm.ts",
];

const CONTRACT = "executors/contract.ts";
const isOfContract = (path: string) => path === CONTRACT || inFolder("executors/_contract")(path);
const FOLDER_MODULES = FOLDERS.map((folder) => `${folder}/mod.ts`);
// What development uses in place of packages of JSR.
const STAND_INS = "tools/";

const sources = [...await filesOf(FOLDERS), "mod.ts"];
const graph = await moduleGraph(sources);

/** The imports of the files that `from` accepts. */
function edges(from: (path: string) => boolean): [from: string, dependency: Dependency][] {
  return sources.filter(from).flatMap((path) =>
    (graph.get(path) ?? []).map((dependency): [string, Dependency] => [path, dependency])
  );
}

function arrows(list: readonly [string, Dependency][]): string[] {
  return list.map(([from, { target }]) => `${from} -> ${target}`).sort();
}

const inFolder = (folder: string) => (path: string) => path.startsWith(`${folder}/`);
// A plugin of several files has a folder of its own.
const isOfOnePlugin = (from: string, target: string) =>
  folderOf(from) !== "plugins" && folderOf(from) === folderOf(target);
const isPrivate = (path: string) => /(^|\/)_/.test(path);
const folderOf = (path: string) => path.slice(0, path.lastIndexOf("/"));
const unique = (list: readonly string[]) => [...new Set(list)].sort();

Deno.test("The module graph holds every file with its imports", () => {
  for (const path of sources) assert(graph.has(path), path);
  assertGreater(sources.length, 30);
  // The graph includes type imports and dynamic imports.
  const all = edges(() => true);
  const named = (from: string, to: string) =>
    all.find(([path, { target }]) => path === from && target === to)?.[1].typeOnly;
  assertEquals(named("plugins/limiter.ts", "scheduling/plugin.ts"), true);
  assertEquals(named("plugins/limiter.ts", "scheduling/_base/check.ts"), false);
  assertEquals(
    named("executors/_links/web_worker_link.ts", "executors/_worker/web_worker.ts"),
    false,
  );
});

Deno.test("task.ts does not import scheduler.ts, nor plugin.ts task.ts", () => {
  const found = arrows(edges(() => true)).filter((arrow) =>
    arrow === "scheduling/task.ts -> scheduling/scheduler.ts" ||
    arrow === "scheduling/plugin.ts -> scheduling/task.ts"
  );
  assertEquals(found, []);
});

Deno.test("A plugin imports no executor and no sibling", () => {
  const isPlugin = (path: string) => inFolder("plugins")(path) && path !== "plugins/mod.ts";
  const wrong = edges(isPlugin).filter(([, { target }]) =>
    !inFolder("scheduling")(target) && !(inFolder("plugins")(target) && isPrivate(target)) &&
    !target.startsWith("node:")
  ).filter(([from, { target }]) => !isOfOnePlugin(from, target));
  assertEquals(arrows(wrong), []);
});

Deno.test("The folders import from each other as ARROWS says", () => {
  const found: Record<string, string[]> = {};
  for (const [from, { target }] of edges((path) => path !== "mod.ts")) {
    const to = folderOf(target);
    if (to === folderOf(from) || !FOLDERS.some((folder) => inFolder(folder)(target))) continue;
    found[folderOf(from)] = unique([...found[folderOf(from)] ?? [], to]);
  }
  assertEquals(found, ARROWS);
});

Deno.test("The folders of executors form no cycle", () => {
  const folders = Object.keys(ARROWS).filter((folder) => folder.startsWith("executors/_"));
  const reached = (folder: string): string[] =>
    (ARROWS[folder] ?? []).filter((to) => folders.includes(to)).flatMap((
      to,
    ) => [to, ...reached(to)]);
  assertEquals(folders.filter((folder) => reached(folder).includes(folder)), []);
  assertEquals(reached("executors/_links").includes("executors/_wire"), true);
});

Deno.test("An executor imports only listed modules of scheduling", () => {
  const isExecutor = (path: string) => inFolder("executors")(path) && !isOfContract(path);
  const targets = edges(isExecutor).map(([, { target }]) => target);
  const outside = targets.filter((target) =>
    !inFolder("executors")(target) && !inFolder("scheduling/_base")(target)
  );
  const isFile = (target: string) => /^\w+\//.test(target);
  const files = outside.filter((target) => isFile(target) && !target.startsWith(STAND_INS));
  const others = outside.filter((target) => !isFile(target));
  assertEquals(unique(files), SCHEDULING_FOR_EXECUTORS);
  const isExpected = (target: string) => /^(npm:\/?(comlink|@nats-io\/[\w-]+)@|node:)/.test(target);
  assertEquals(others.filter((target) => !isExpected(target)), []);
});

Deno.test("The contract imports no executor and only listed modules", () => {
  const targets = edges(isOfContract).map(([, { target }]) => target);
  const others = targets.filter((target) => !target.startsWith("tools/") && !isOfContract(target));
  assertEquals(unique(others), SCHEDULING_FOR_CONTRACT);
  const users = edges((path) => !isOfContract(path)).filter(([, { target }]) =>
    isOfContract(target)
  );
  assertEquals(arrows(users), []);
});

Deno.test("Only plots import libraries for charts, and mod.ts does not load plots", () => {
  const isOfPlots = inFolder("scheduling/display/plots");
  const users = edges(() => true).filter(([, { specifier }]) => /observablehq/.test(specifier));
  assertEquals(users.length, 1);
  assertEquals(users.map(([path]) => path).filter((path) => !isOfPlots(path)), []);
  const importers = edges((path) => !isOfPlots(path)).filter(([, { target }]) => isOfPlots(target));
  assertEquals(arrows(importers), []);
});

Deno.test("Only executors/nats imports clients of NATS, and no other entry loads it", () => {
  const isOfNats = inFolder("executors/nats");
  const users = edges(() => true).filter(([, { specifier }]) => specifier.startsWith("@nats-io/"));
  assertGreater(users.length, 0);
  assertEquals(users.map(([path]) => path).filter((path) => !isOfNats(path)), []);
  const importers = edges((path) => !isOfNats(path)).filter(([, { target }]) => isOfNats(target));
  // The checks of addresses and of a queue's name load nothing else.
  const checks = ["addresses", "names"].map((file) =>
    `executors/slurm/slurm_workers.ts -> executors/nats/_wire/${file}.ts`
  );
  assertEquals(arrows(importers), checks);
  // A program that names an address loads the client when it connects, and one with a function never.
  const transports = users.filter(([, { specifier }]) => specifier === "@nats-io/transport-deno");
  assertEquals(transports.filter(([, { dynamic }]) => !dynamic), []);
});

Deno.test("No other entry loads executors/slurm", () => {
  const isOfSlurm = inFolder("executors/slurm");
  const importers = edges((path) => !isOfSlurm(path)).filter(([, { target }]) => isOfSlurm(target));
  assertEquals(arrows(importers), []);
});

Deno.test("Only executors import comlink", () => {
  const users = edges(() => true).filter(([, { specifier }]) => /comlink/.test(specifier));
  assertGreater(users.length, 0);
  assertEquals(users.map(([path]) => path).filter((path) => !inFolder("executors")(path)), []);
});

Deno.test("scheduling imports no plugin and only three executors", () => {
  const outside = edges(inFolder("scheduling")).filter(([, { target }]) =>
    inFolder("plugins")(target) || inFolder("executors")(target)
  );
  assertEquals(arrows(outside), [
    "scheduling/scheduler.ts -> executors/process_executor.ts",
    "scheduling/scheduler.ts -> executors/sequential_executor.ts",
    "scheduling/scheduler.ts -> executors/web_worker_executor.ts",
  ]);
});

Deno.test("Only the package's mod.ts imports a mod.ts", () => {
  const users = edges(() => true).filter(([, { target }]) => /(^|\/)mod\.ts$/.test(target));
  assertEquals(arrows(users), FOLDER_MODULES.map((path) => `mod.ts -> ${path}`).sort());
  const published = edges(() => true).filter(([, { specifier }]) =>
    specifier.startsWith("@amltk/scheduling")
  );
  assertEquals(arrows(published), []);
});

// The queue under test takes only futures that were opened with a canceller.
const NOT_BY_NAME = ["tests/scheduling/future_queue_test.ts -> scheduling/future.ts"];

Deno.test("Examples, benches and tests import the published name", async () => {
  const wrong: string[] = [];
  let count = 0;
  for (const path of await filesOf(["examples", "bench", "tests"])) {
    for (const specifier of specifiersOf(await read(path))) {
      if (specifier.startsWith("@amltk/scheduling")) count++;
      if (!specifier.startsWith(".")) continue;
      const target = new URL(specifier, `file:///${path}`).pathname.slice(1);
      const isOwn = target === "mod.ts" || FOLDERS.some((folder) => inFolder(folder)(target));
      if (!isOwn) continue;
      if (!inFolder("tests")(path) || !isPrivate(target)) wrong.push(`${path} -> ${target}`);
    }
  }
  assertEquals(wrong, NOT_BY_NAME);
  assertGreater(count, 10);
});

Deno.test("No modules form an import cycle, type imports included", () => {
  assertEquals(cycles(), []);
});

Deno.test("A worker loads only comlink and node modules", () => {
  const { seen, outside } = loadedBy("executors/_worker/web_worker.ts");
  // By its full specifier, so that a process without the import map can load it.
  assertEquals([...outside].map((specifier) => specifier.replace(/^npm:|@[\d.]+\/.*$/g, "")), [
    "comlink",
  ]);
  assertGreater(seen.size, 5);
});

// Each module delays the start of every worker. A higher number needs a reason. The later ones load with the
// first call that has a channel, or if output is captured.
const MODULES_OF_WORKERS = {
  "process_worker.ts": { first: 35, later: 12 },
  "web_worker.ts": { first: 28, later: 13 },
};

for (const [program, { first, later }] of Object.entries(MODULES_OF_WORKERS)) {
  Deno.test(`${program} loads ${first} modules of the package, then ${later}`, () => {
    const { seen } = loadedBy(`executors/_worker/${program}`, false);
    assertEquals(seen.size, first, [...seen].sort().join("\n"));
    const others = [...loadedBy(`executors/_worker/${program}`).seen].filter((path) =>
      !seen.has(path)
    );
    assertEquals(others.length, later, others.sort().join("\n"));
  });
}

// A fake clock in a user's test must not stop a pool. Worker modules save their own clocks and
// timers when they load, before any task can replace them.
const OWN_CLOCKS = ["scheduling/_base/time.ts", "scheduling/_base/load_export.ts"];

Deno.test("Only time.ts uses clocks and timers of the platform", async () => {
  const used =
    /\b(?:(?:set|clear)(?:Timeout|Interval|Immediate)|queueMicrotask|performance|Date)\b/g;
  const wrong: string[] = [];
  let count = 0;
  const atHome = (path: string) =>
    !inFolder("executors/_worker")(path) && !inFolder("executors/_contract")(path);
  for (const path of sources.filter(atHome)) {
    if (OWN_CLOCKS.includes(path)) continue;
    const code = withoutComments(await read(path));
    const imported = /import \{([^}]*)\} from "[^"]*\/time\.ts"/.exec(code)?.[1] ?? "";
    for (const [name] of code.matchAll(used)) {
      count++;
      if (!imported.includes(name)) wrong.push(`${path}: ${name}`);
    }
  }
  assertEquals(wrong, []);
  assertGreater(count, 5);
});

Deno.test(`Every file has at most ${MAX_CODE_LINES} lines of code`, async () => {
  const long: string[] = [];
  for (const path of sources) {
    const lines = codeLines(await read(path)).length;
    if (lines > MAX_CODE_LINES) long.push(`${path}: ${lines}`);
  }
  assertEquals(long, []);
  assertEquals(codeLines("/** a\n * b */\nx; // c\n\n  // d\n/* e */\ny; /* f */\n"), ["x;", "y;"]);
});

Deno.test("Every use of any has a directive with reason", async () => {
  const wrong: string[] = [];
  let directives = 0;
  for (const path of sources) {
    const text = await read(path);
    const lines = text.split("\n");
    const code = withoutComments(text).split("\n");
    const wholeFile = lines.some((line) => /deno-lint-ignore-file.*no-explicit-any/.test(line));
    lines.forEach((line, index) => {
      const where = `${path}:${index + 1}`;
      const above = lines[index - 1] ?? "";
      if (/^\s*\/\/ deno-lint-ignore/.test(line)) {
        directives++;
        if (!/ -- \w/.test(line) && !/^\s*\/\/ \w/.test(above)) wrong.push(`${where} no reason`);
      }
      const usesAny = /\bany\b/.test((code[index] ?? "").replace(/"[^"]*"|`[^`]*`/g, ""));
      if (usesAny && !wholeFile && !/deno-lint-ignore no-explicit-any/.test(above)) {
        wrong.push(`${where} any`);
      }
    });
  }
  assertEquals(wrong, []);
  assertGreater(directives, 0);
});

/**
 * The modules of the package that a module loads, itself included, and the other specifiers but `node:`;
 * without `dynamic`, only what loads at once.
 */
function loadedBy(entry: string, dynamic = true): { seen: Set<string>; outside: Set<string> } {
  const seen = new Set([entry]);
  const outside = new Set<string>();
  for (const path of seen) {
    for (const { specifier, target, typeOnly, dynamic: later } of graph.get(path) ?? []) {
      if (typeOnly || (!dynamic && later)) continue;
      if (FOLDERS.some((folder) => inFolder(folder)(target))) seen.add(target);
      else if (!specifier.startsWith("node:")) outside.add(specifier);
    }
  }
  return { seen, outside };
}

/** Each cycle once, as a path. */
function cycles(): string[] {
  const state = new Map<string, "open" | "closed">();
  const trail: string[] = [];
  const found: string[] = [];
  const visit = (path: string) => {
    if (state.get(path) === "closed") return;
    if (state.get(path) === "open") {
      found.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
      return;
    }
    state.set(path, "open");
    trail.push(path);
    for (const { target } of graph.get(path) ?? []) visit(target);
    trail.pop();
    state.set(path, "closed");
  };
  for (const path of sources) visit(path);
  return found;
}

/** The specifiers of `import`, `export … from` and `import()` in a source. */
function specifiersOf(text: string): string[] {
  const pattern = /\b(?:from|import)\s*\(?\s*"([^"\n]+)"/g;
  return [...text.matchAll(pattern)].map((match) => match[1] ?? "");
}

function codeLines(text: string): string[] {
  return withoutComments(text).split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

/** Removes the comments from a text, line by line, but not from its strings. */
function withoutComments(text: string): string {
  const token = /"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\/\*[^]*?\*\/|\/\/[^\n]*/g;
  return text.replace(
    token,
    (found) => /^\/[/*]/.test(found) ? found.replace(/[^\n]/g, "") : found,
  );
}
