// The package as its users get it: uploaded by the real client to a local registry, and imported
// from there in empty folders, with empty caches.
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { filesOf, read, ROOT } from "../fixtures/module_graph.ts";
import { hasNatsServer, NatsServer } from "../fixtures/nats_server.ts";
import type { Outcome } from "../fixtures/run_fixture.ts";
import { Consumer, IMPORTS } from "./consumer.ts";
import { FEATURES } from "./consumers/features.ts";
import { publish, type Published } from "./publish.ts";
import { type Registry, serveRegistry } from "./registry.ts";

const NAME = "@amltk/scheduling";
const ALL = Object.keys(FEATURES);
const EVERYTHING = ["--no-prompt", "--allow-all", "--unstable-worker-options"];
const RUN_ALL = ["run", ...EVERYTHING];

let publishing: Promise<Published> | undefined;

function published(): Promise<Published> {
  return publishing ??= publish();
}

/** Runs `body` with a consumer that has this deno.json. */
async function withConsumer(
  config: object,
  body: (consumer: Consumer, registry: Registry) => Promise<void>,
): Promise<void> {
  const { store } = await published();
  await using registry = serveRegistry(store);
  await using consumer = await Consumer.create(registry, { imports: IMPORTS, ...config });
  await body(consumer, registry);
}

function assertPassed({ code, stdout, stderr }: Outcome, features: readonly string[] = ALL): void {
  assertEquals([code, ...stdout.trim().split("\n")], [0, ...features], stderr);
}

async function version(): Promise<string> {
  return JSON.parse(await read("deno.json")).version;
}

Deno.test("deno publish uploads the package and nothing else", async () => {
  const { store, outcome } = await published();
  assertEquals(outcome.code, 0, outcome.stderr);
  const { exports, files } = store.package(NAME) ?? {};
  assertEquals(exports, JSON.parse(await read("deno.json")).exports);
  const expected = [
    ...await filesOf(["scheduling", "plugins", "executors"]),
    ...["CHANGELOG.md", "LICENSE", "README.md", "deno.json", "mod.ts"],
  ];
  assertEquals([...files?.keys() ?? []].sort(), expected.map((path) => `/${path}`).sort());
});

Deno.test("a consumer uses every feature", async () => {
  await withConsumer({}, async (consumer) => {
    assertPassed(await consumer.deno([...RUN_ALL, "main.ts"]));
  });
});

Deno.test("each feature names the permission that it lacks", async () => {
  await withConsumer({}, async (consumer, registry) => {
    assertEquals((await consumer.deno(["cache", "main.ts"])).code, 0);
    // So that a process without access to the cache cannot download everything again.
    await registry[Symbol.asyncDispose]();
    const needed = permissions(consumer);
    assertEquals(Object.keys(needed), ALL);
    for (const [feature, flags] of Object.entries(needed)) {
      const run = (given: readonly string[]) =>
        consumer.deno(["run", "--no-prompt", ...given, "main.ts", feature]);
      assertPassed(await run(flags), [feature]);
      for (const flag of flags) {
        const { code, stderr } = await run(flags.filter((other) => other !== flag));
        assertNotEquals(code, 0, `${feature} without ${flag}`);
        assertMatch(stderr, MISSED[kind(flag)] ?? /^$/, `${feature} without ${flag}`);
      }
    }
  });
});

/** The permissions for each feature, as the guide says. */
function permissions(
  { folder, config }: Pick<Consumer, "folder" | "config">,
): Record<string, readonly string[]> {
  const run = `--allow-run=${Deno.execPath()}`;
  // The last two are set in this test, but seldom elsewhere.
  const env = "--allow-env=NODE_V8_COVERAGE,DENO_DIR,JSR_URL";
  return {
    sequential: [],
    workers: [],
    sandboxedWorkers: ["--unstable-worker-options"],
    processes: [run, env],
    cappedProcesses: Deno.build.os === "linux" ? [`${run},sh`, env] : [],
    moduleInWorkers: [`--allow-read=${folder}`],
    moduleInProcesses: [run, env, `--allow-read=${config}`],
    journal: ["--allow-read=results.db", "--allow-write=results.db"],
    plots: [],
    limiter: [],
    limits: [],
    shared: [],
    signals: [],
  };
}

// The error of a program that lacks the permission.
const MISSED: Readonly<Record<string, RegExp>> = {
  "--allow-run": /ExecutorBrokenError: .*Requires run access to ".*deno.*"/,
  "--allow-env": /ExecutorBrokenError: .*Requires env access to "NODE_V8_COVERAGE"/,
  "--allow-read":
    /ModuleLoadError: .*(Requires read access|Import "@std\/assert" not a dependency)|JournalError: .*allow it with/,
  "--allow-write": /JournalError: .*allow it with/,
  "--unstable-worker-options": /--unstable-worker-options/,
};

function kind(flag: string): string {
  return flag.split("=", 1)[0] ?? flag;
}

// The features for each row of the guide's table.
const ROWS: Readonly<Record<string, readonly string[]>> = {
  "`Scheduler.withSequential()`": ["sequential"],
  "`Scheduler.withWorkers()`": ["workers", "limiter", "limits", "shared"],
  "its option `permissions`": ["sandboxedWorkers"],
  "`fromModule()` with a local file": ["moduleInWorkers"],
  "`Scheduler.withProcesses()`": ["processes"],
  "its option `memory`": ["cappedProcesses"],
  "bare imports of functions in processes": ["moduleInProcesses"],
  "`Journal`": ["journal"],
  "`QueueMonitor`, `toSVG()` of `./plots`": ["plots"],
  "`run({ handleSignals: true })`": ["signals"],
};

Deno.test({
  name: "the guide's table names exactly the permissions of each feature",
  // Other systems have no cap on memory, so it needs no permission there.
  ignore: Deno.build.os !== "linux",
  async fn() {
    const lines = (await read("docs/executors.md")).split("\n");
    const needed = permissions({ folder: ".", config: "deno.json" });
    assertEquals(Object.values(ROWS).flat().sort(), ALL.toSorted());
    for (const [label, features] of Object.entries(ROWS)) {
      const row = lines.find((line) => line.startsWith(`| ${label}`)) ?? "";
      const named = [...row.matchAll(/--(?:allow|unstable)-[a-z-]+/g)].map(([flag]) => flag);
      const besides = row.includes("besides") ? needed.processes : [];
      const flags = features.flatMap((feature) => needed[feature] ?? []);
      assertEquals(named, flags.filter((flag) => !besides?.includes(flag)).map(kind), label);
    }
  },
});

Deno.test({
  name: "a consumer calls a worker started from the registry, over NATS",
  ignore: !hasNatsServer,
  async fn() {
    await using server = await NatsServer.start();
    const address = server.address;
    const net = ["--no-prompt", `--allow-net=127.0.0.1:${server.port}`];
    await withConsumer({}, async (consumer) => {
      const program = `${IMPORTS[NAME]}/nats-worker`;
      const options = ["--servers", address, "--queue", "consumers", "--workers", "1"];
      const worker = consumer.deno(["run", ...net, program, ...options]);
      const calls = consumer.deno(["run", ...net, "nats.ts", address]);
      const { code, stdout, stderr } = await Promise.race([calls, worker]);
      assertEquals(code, 0, stderr);
      const [, pid = ""] = /^42 by (\d+)\n$/.exec(stdout) ?? [];
      Deno.kill(Number(pid), "SIGTERM");
      const ended = await worker;
      assertEquals([ended.code, ended.stdout], [0, ""], ended.stderr);
      assertMatch(ended.stderr, /The worker \w+ has ended\n/);
    });
  },
});

Deno.test("a cached package works without a network", async () => {
  await withConsumer({}, async (consumer, registry) => {
    assertEquals((await consumer.deno(["cache", "main.ts"])).code, 0);
    await registry[Symbol.asyncDispose]();
    assertPassed(await consumer.deno([...RUN_ALL, "--cached-only", "main.ts"]));
  });
});

Deno.test("a vendored package works without cache and network", async () => {
  await withConsumer({ vendor: true }, async (consumer, registry) => {
    assertEquals((await consumer.deno(["cache", "main.ts"])).code, 0);
    await registry[Symbol.asyncDispose]();
    await consumer.emptyCache();
    assertPassed(await consumer.deno([...RUN_ALL, "main.ts"]));
  });
});

Deno.test("a consumer may have a node_modules folder", async () => {
  await withConsumer({ nodeModulesDir: "auto" }, async (consumer) => {
    assertPassed(await consumer.deno([...RUN_ALL, "main.ts"]));
    assert((await Deno.stat(`${consumer.folder}/node_modules/comlink`)).isDirectory);
  });
});

Deno.test("a lockfile of deno cache lists every module", async () => {
  await withConsumer({}, async (consumer) => {
    assertEquals((await consumer.deno(["cache", "main.ts"])).code, 0);
    const lock = JSON.parse(await Deno.readTextFile(`${consumer.folder}/deno.lock`));
    assert(`${NAME}@${await version()}` in lock.jsr);
    await consumer.emptyCache();
    assertPassed(await consumer.deno([...RUN_ALL, "--frozen", "main.ts"]));
  });
});

Deno.test("the tests of a consumer leave nothing behind", async () => {
  await withConsumer({}, async (consumer) => {
    const { code, stdout, stderr } = await consumer.deno(["test", ...EVERYTHING, "tests.ts"]);
    assertEquals(code, 0, stdout + stderr);
    assertStringIncludes(stdout, `ok | ${ALL.length} passed | 0 failed`);
  });
});

Deno.test("a compiled program holds the modules of workers", async () => {
  await withConsumer({}, async (consumer) => {
    const { stdout } = await consumer.deno(["info", "--json", "main.ts"]);
    const urls: string[] = JSON.parse(stdout).modules.map((m: { specifier: string }) =>
      m.specifier
    );
    for (const program of ["web_worker.ts", "process_worker.ts"]) {
      const path = `/${NAME}/${await version()}/executors/_worker/${program}`;
      assertEquals(urls.filter((url) => url.endsWith(path)).length, 1, path);
    }
  });
});

Deno.test("a compiled program runs workers, where Deno can compile", async () => {
  await withConsumer({}, async (consumer) => {
    const program = `${consumer.folder}/program`;
    const { code, stderr } = await consumer.deno(["compile", "--output", program, "main.ts"]);
    // Deno downloads the runtime for compiled programs, but not from a registry.
    if (code !== 0 && !Deno.env.get("GITHUB_ACTIONS")) {
      assertMatch(stderr, /error sending request for url .*denort/);
      // deno-lint-ignore no-console -- whoever runs the tests should know what was left out
      return console.warn("left out: the runtime for compiled programs cannot be downloaded");
    }
    assertEquals(code, 0, stderr);
    const features = ["workers", "limiter", "limits", "shared"];
    assertPassed(await consumer.run(program, features), features);
  });
});

// Compiler options of consumers. The types of the package must mean the same under all of them.
const COMPILERS: readonly (readonly [strict: boolean, options: Record<string, unknown>])[] = [
  [true, {}],
  [true, {
    exactOptionalPropertyTypes: true,
    isolatedDeclarations: true,
    noImplicitOverride: true,
    noPropertyAccessFromIndexSignature: true,
    noUncheckedIndexedAccess: true,
    noUnusedLocals: true,
    verbatimModuleSyntax: true,
  }],
  [true, { lib: ["dom", "dom.asynciterable", "esnext", "deno.ns"] }],
  [false, { strict: false }],
];

Deno.test("a compiler of any strictness infers the same types", async () => {
  await withConsumer({}, async (consumer) => {
    for (const [strict, compilerOptions] of COMPILERS) {
      const config = JSON.stringify({ imports: IMPORTS, compilerOptions });
      await Deno.writeTextFile(consumer.config, config);
      const programs = ["types.ts", ...strict ? ["strict_types.ts"] : []];
      const { code, stderr } = await consumer.deno(["check", ...programs]);
      const said = stderr.split("\n").filter((line) => !/^(Check|Download) /.test(line)).join("\n");
      assertEquals([code, said], [0, ""], config);
    }
  });
});

Deno.test("README's first program, from stdin in an empty folder", async () => {
  await withConsumer({}, async (consumer) => {
    await Deno.remove(consumer.config);
    const [, program = ""] = /^```ts\n([^]*?)^```$/m.exec(await read("README.md")) ?? [];
    const script = program.replace(`"${NAME}"`, `"${IMPORTS[NAME]}"`);
    const { code, stdout, stderr } = await consumer.deno(["run", "--no-prompt", "-"], script);
    assertEquals(code, 0, stderr);
    assertMatch(stdout, /^exhausted \[\s*12,\s*6,\s*3,\s*10,\s*5,\s*16,\s*8,\s*4,\s*2,\s*1\s*\]\n/);
  });
});

Deno.test("a program from stdin uses every feature", async () => {
  await withConsumer({}, async (consumer) => {
    const script = await Deno.readTextFile(`${consumer.folder}/main.ts`);
    assertPassed(await consumer.deno([...RUN_ALL, "-"], script));
  });
});

Deno.test("a consumer links a checkout as the guide says", async () => {
  const [, json = ""] = /^```json\n([^]*?)^```$/m.exec(await read("docs/README.md")) ?? [];
  const { links }: { links: string[] } = JSON.parse(json);
  const root = decodeURIComponent(ROOT.pathname);
  await withConsumer(
    { links: links.map((path) => path.replace("PATH", root)) },
    async (consumer) => {
      assertPassed(await consumer.deno([...RUN_ALL, "main.ts"]));
      const { stdout } = await consumer.deno(["info", "main.ts"]);
      assertStringIncludes(stdout, `${ROOT.href}mod.ts`);
    },
  );
});

Deno.test("a member of a workspace uses every feature", async () => {
  await withConsumer({ name: "@example/member", exports: "./main.ts" }, async (consumer) => {
    const workspace = JSON.stringify({ workspace: ["./consumer"] });
    await Deno.writeTextFile(`${consumer.folder}/../deno.json`, workspace);
    assertPassed(await consumer.deno([...RUN_ALL, "main.ts"]));
  });
});
