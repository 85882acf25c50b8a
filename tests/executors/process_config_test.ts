/**
 * The configuration that resolves imports in processes: found as Deno finds it for the program, or named by
 * the option `config`. Also the flags with which processes start.
 *
 * @module
 */

import { fromModule, ProcessExecutor, Scheduler } from "@amltk/scheduling";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { npmCache } from "../fixtures/npm_cache.ts";

const IMPORT_MAP = new URL("../../import_map.npm.json", import.meta.url).pathname;
const PROJECT = new URL("../fixtures/project/", import.meta.url);

const MAIN = `
  import { fromModule, Scheduler } from "@amltk/scheduling";
  const { work } = fromModule(import.meta.resolve("./work.ts"));
  const scheduler = Scheduler.withProcesses(1);
  scheduler.onStart(async () => console.log(await scheduler.submit(work)));
  await scheduler.run();
`;
const WORK = `
  import { ANSWER } from "answers";
  export const work = () => ANSWER;
`;
const ANSWERS = {
  "node_modules/answers/package.json":
    `{ "name": "answers", "version": "1.0.0", "main": "index.js" }`,
  "node_modules/answers/index.js": "exports.ANSWER = 42;",
};
const DEPENDENCIES = `{ "answers": "1.0.0", "comlink": "4.4.2", "deno-std": "1.4.0" }`;
const PACKAGE = `{ "dependencies": ${DEPENDENCIES} }`;

type Files = Readonly<Record<string, string>>;

/** A temporary folder with the files, which `using` removes. */
async function project(files: Files): Promise<{ folder: string } & AsyncDisposable> {
  const folder = await Deno.makeTempDir();
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${folder}/${path}`, text);
  }
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

/** Installs the dependencies of the package itself into a folder of npm packages. */
async function install(nodeModules: string): Promise<void> {
  const cache = `${await npmCache()}/registry.npmjs.org`;
  for (const [name, version] of [["comlink", "4.4.2"], ["deno-std", "1.4.0"]]) {
    await copy(`${cache}/${name}/${version}`, `${nodeModules}/${name}`);
  }
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copy(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

/** The output of a program that runs from another folder than its own. */
async function run(main: string, ...flags: readonly string[]): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-lock", `--import-map=${IMPORT_MAP}`, ...flags, main],
    cwd: "/",
    env: { NO_COLOR: "1" },
    signal: AbortSignal.timeout(60_000),
  }).output();
  return [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
}

// --- found

const installed: Readonly<Record<string, readonly [files: Files, main: string]>> = {
  "a package.json alone": [
    { "main.ts": MAIN, "work.ts": WORK, "package.json": PACKAGE, ...ANSWERS },
    "main.ts",
  ],
  "a package.json above the main module": [
    { "src/main.ts": MAIN, "src/work.ts": WORK, "package.json": PACKAGE, ...ANSWERS },
    "src/main.ts",
  ],
  "a package.json beside a deno.json": [
    { "main.ts": MAIN, "work.ts": WORK, "package.json": PACKAGE, "deno.json": "{}", ...ANSWERS },
    "main.ts",
  ],
  "a package.json of a workspace member": [
    {
      "member/main.ts": MAIN,
      "member/work.ts": WORK,
      "member/package.json": `{ "name": "member", "dependencies": ${DEPENDENCIES} }`,
      "package.json": `{ "workspaces": ["member"] }`,
      ...ANSWERS,
    },
    "member/main.ts",
  ],
};

for (const [what, [files, main]] of Object.entries(installed)) {
  Deno.test(`processes: dependencies of ${what} are found`, async () => {
    await using made = await project(files);
    await install(`${made.folder}/node_modules`);
    assertEquals(await run(`${made.folder}/${main}`), "42\n");
  });
}

Deno.test("processes: dependencies of a package.json below a foreign deno.json are found", async () => {
  await using made = await project({
    "deno.json": `{ "imports": { "foreign": "./foreign.ts" } }`,
    "sub/package.json": PACKAGE,
    "sub/main.ts": MAIN,
    "sub/work.ts": WORK,
    ...Object.fromEntries(Object.entries(ANSWERS).map(([path, text]) => [`sub/${path}`, text])),
  });
  await install(`${made.folder}/sub/node_modules`);
  assertEquals(await run(`${made.folder}/sub/main.ts`), "42\n");
});

Deno.test("processes: dependencies that are not in node_modules come from the cache", async () => {
  await using made = await project({
    "main.ts": MAIN,
    "work.ts": `import { wrap } from "comlink"; export const work = () => typeof wrap;`,
    "package.json": `{ "dependencies": { "comlink": "4.4.2" } }`,
  });
  assertEquals(await run(`${made.folder}/main.ts`, "--node-modules-dir=none"), "function\n");
});

Deno.test("processes: imports of a member of a Deno workspace are found", async () => {
  await using made = await project({
    "deno.json": `{ "workspace": ["./member"], "imports": { "base": "./base.ts" } }`,
    "base.ts": "export const BASE = 40;",
    "member/deno.json": `{ "imports": { "answers": "./answers.ts" } }`,
    "member/answers.ts": `import { BASE } from "base"; export const ANSWER = BASE + 2;`,
    "member/main.ts": MAIN,
    "member/work.ts": WORK,
  });
  assertEquals(await run(`${made.folder}/member/main.ts`), "42\n");
});

Deno.test("processes: a plain function imports a dependency by its resolved URL", async () => {
  await using made = await project({
    "main.ts": `
      import { Scheduler } from "@amltk/scheduling";
      const scheduler = Scheduler.withProcesses(1);
      const work = async (url: string) => (await import(url)).ANSWER;
      scheduler.onStart(async () => {
        const byName = scheduler.submit(() => import("answers"));
        console.log((await byName.catch((error) => error)).message);
        console.log(await scheduler.submit(work, import.meta.resolve("answers")));
      });
      await scheduler.run({ onException: "ignore" });
    `,
    "package.json": PACKAGE,
    ...ANSWERS,
  });
  await install(`${made.folder}/node_modules`);
  const [error = "", remedy, ...rest] = (await run(`${made.folder}/main.ts`)).split("\n");
  assertStringIncludes(error, `Import "answers" not a dependency`);
  assertStringIncludes(remedy ?? "", "import.meta.resolve() passed as an argument");
  assertEquals(rest, ["42", ""]);
});

Deno.test("withProcesses() in a Web Worker finds the deno.json above its module", async () => {
  await using made = await project({
    "main.ts": `
      const worker = new Worker(import.meta.resolve("./worker.ts"), { type: "module" });
      worker.onmessage = ({ data }) => {
        console.log(data);
        worker.terminate();
      };
    `,
    "worker.ts": MAIN.replace("console.log(", "postMessage("),
    "work.ts": WORK,
    "deno.json": `{ "imports": { "answers": "./answers.ts" } }`,
    "answers.ts": "export const ANSWER = 42;",
  });
  assertEquals(await run(`${made.folder}/main.ts`), "42\n");
});

// --- given

/** Calls a function of a module in a process with the options. */
async function call(
  options: ConstructorParameters<typeof ProcessExecutor>[1],
  url: string | URL,
): Promise<unknown> {
  const { answer } = fromModule<{ answer(): unknown }>(url);
  const scheduler = Scheduler.withProcesses(1, options);
  let result: unknown;
  scheduler.onStart(async () => result = await scheduler.submit(answer));
  await scheduler.run();
  return result;
}

Deno.test("config names a package.json, import map or deno.json", async () => {
  const answer = `export { ANSWER } from "answers"; import { ANSWER } from "answers";
    export const answer = () => ANSWER;`;
  const imports = `{ "imports": { "answers": "./answers.ts" } }`;
  await using made = await project({
    "map.json": imports,
    "deno.json": imports,
    "commented.jsonc": `{ /* those of a test */ "imports": { "answers": "./answers.ts" } }`,
    "answers.ts": "export const ANSWER = 42;",
    "work.ts": answer,
    "npm/package.json": `{ "dependencies": { "comlink": "4.4.2" } }`,
    "npm/work.ts": `import { wrap } from "comlink"; export const answer = () => typeof wrap;`,
  });
  for (const name of ["map.json", "deno.json", "commented.jsonc"]) {
    const url = pathToFileURL(`${made.folder}/work.ts`);
    assertEquals(await call({ config: `${made.folder}/${name}` }, url), 42, name);
  }
  const url = pathToFileURL(`${made.folder}/npm/work.ts`);
  assertEquals(await call({ config: `${made.folder}/npm/package.json` }, url), "function");
});

Deno.test("config is refused if its file has no effect", async () => {
  await using made = await project({
    "settings.json": `{ "answers": "./answers.ts" }`,
    "notes.txt": "imports",
    "list.json": "[]",
  });
  for (const name of ["settings.json", "notes.txt", "list.json"]) {
    const make = () => new ProcessExecutor(1, { config: `${made.folder}/${name}` });
    assertThrows(make, TypeError, "config names a file without effect on imports");
  }
  const { folder } = made;
  assertThrows(() => new ProcessExecutor(1, { config: folder }), TypeError, "config names no file");
});

Deno.test("relative paths are resolved when the executor is made", async () => {
  await using made = await project({
    "deno.json": `{ "imports": { "answers": "./answers.ts" } }`,
    "answers.ts": "export const ANSWER = 42;",
    "work.ts": `${WORK} export const answer = () => [
      work(),
      ...["data", "other/data"].map((path) =>
        Deno.permissions.querySync({ name: "read", path: new URL(path, import.meta.url) }).state
      ),
    ];`,
    "other/deno.json": "{}",
  });
  const before = Deno.cwd();
  try {
    Deno.chdir(made.folder);
    const permissions = { read: ["data", "work.ts", "answers.ts"] };
    const scheduler = Scheduler.withProcesses(1, { permissions, config: "deno.json" });
    Deno.chdir("other");
    const { answer } = fromModule<{ answer(): unknown }>(pathToFileURL(`${made.folder}/work.ts`));
    scheduler.onStart(async () => {
      assertEquals(await scheduler.submit(answer), [42, "granted", "prompt"]);
    });
    await scheduler.run();
  } finally {
    Deno.chdir(before);
  }
});

Deno.test("permissions of processes refuse commas and empty texts", () => {
  const make = (read: string[]) => () => new ProcessExecutor(1, { permissions: { read } });
  assertThrows(
    make(["/srv/a,b"]),
    TypeError,
    `permissions.read of processes cannot name "/srv/a,b"`,
  );
  assertThrows(
    make(["/srv/a", ""]),
    TypeError,
    `permissions.read must list texts that are not empty`,
  );
  for (const name of ["write", "net", "env", "run", "sys", "ffi", "import"]) {
    const permissions = { [name]: ["a,b"] };
    assertThrows(
      () => new ProcessExecutor(1, { permissions }),
      TypeError,
      `permissions.${name} of`,
    );
  }
});

// --- flags

Deno.test("denoFlags reach the processes", async () => {
  const denoFlags = [
    "--location=https://example.com/",
    "--seed=7",
    "--v8-flags=--expose-gc",
    "--v8-flags=--max-old-space-size=4096,--random-seed=7",
    "--unstable-kv",
    "--quiet",
  ];
  const seen = async () => {
    const scheduler = Scheduler.withProcesses(1, { denoFlags, memory: "256 MiB" });
    let found: unknown;
    scheduler.onStart(async () => {
      found = await scheduler.submit(() => [
        location.href,
        Math.random(),
        typeof Reflect.get(globalThis, "gc"),
        typeof Reflect.get(Deno, "openKv"),
        process.getBuiltinModule("node:v8").getHeapStatistics().heap_size_limit < 2 ** 30,
      ]);
    });
    await scheduler.run();
    return found as unknown[];
  };
  const [first, second] = [await seen(), await seen()];
  assertEquals(first, second);
  const [href, , ...types] = first;
  assertEquals([href, ...types], ["https://example.com/", "function", "function", true]);
});

Deno.test("denoFlags may name an import map, which precedes the deno.json", async () => {
  await using made = await project({
    "map.json": `{ "imports": { "answers": "./others.ts" } }`,
    "others.ts": "export const ANSWER = 43;",
  });
  const denoFlags = [`--import-map=${made.folder}/map.json`];
  assertEquals(
    await call({ denoFlags, config: new URL("deno.json", PROJECT) }, new URL("work.ts", PROJECT)),
    43,
  );
});

Deno.test("denoFlags that would give permissions, or are none, are refused", () => {
  const make = (denoFlags: unknown) => () => new ProcessExecutor(1, { denoFlags } as object);
  for (
    const flag of [
      "--allow-all",
      "--allow-read=/etc",
      "--allow-scripts",
      "--deny-net",
      "--ignore-env",
      "--permission-set",
      "--permission-set=open",
      "--config=other.json",
      "--no-config",
      "--inspect",
      "--inspect-brk=0.0.0.0:9229",
      "--watch",
    ]
  ) assertThrows(make([flag]), TypeError, `denoFlags cannot pass ${flag} on: `);
  for (
    const none of ["-A", "-P", "-qA", "-R=/etc", "main.ts", "--", "-", "", 7, null, "--Allow-all"]
  ) {
    assertThrows(make([none]), TypeError, "denoFlags must list flags such as");
  }
  assertThrows(make("--unstable-kv"), TypeError, `denoFlags must be a list such as`);
  try {
    Scheduler.withWorkers(1, { denoFlags: [] } as object);
  } catch (error) {
    assertStringIncludes(String(error), "Scheduler.withProcesses() has it");
  }
});
