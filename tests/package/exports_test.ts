// The exports of the package, and the files that are published.
import { assert, assertEquals, assertGreater } from "@std/assert";
import { apiDocs } from "../fixtures/api_docs.ts";
import { filesOf, moduleGraph, read } from "../fixtures/module_graph.ts";

const NAME = "@amltk/scheduling";

interface Config {
  name: string;
  exports: Record<string, string>;
  imports: Record<string, string>;
  publish: { include: string[]; exclude?: string[] };
}

const config: Config = JSON.parse(await read("deno.json"));
const importMap: { imports: Record<string, string> } = JSON.parse(
  await read("import_map.npm.json"),
);

const SCHEDULING = [
  "BrokerLostError",
  "CommClosedError",
  "CpuTimeLimitError",
  "Emitter",
  "EventNotKnownError",
  "ExecutorBrokenError",
  "Future",
  "FutureCancelledError",
  "LimitError",
  "MemoryLimitError",
  "ModuleLoadError",
  "QueueMonitor",
  "Requeue",
  "Scheduler",
  "SchedulerAlreadyRunningError",
  "SchedulerNotRunningError",
  "SubmissionDeclinedError",
  "Task",
  "WallTimeLimitError",
  "WorkerLostError",
  "fromModule",
  "functionSource",
  "transfer",
];
const PLUGINS = [
  "Comm",
  "Journal",
  "JournalError",
  "Limiter",
  "ResourceLimits",
  "Retry",
  "Throttle",
  "exponentialBackoff",
];
const EXECUTORS = ["ProcessExecutor", "SequentialExecutor", "WebWorkerExecutor", "connectComm"];

const EXPORTS: Record<string, string[]> = {
  ".": [...SCHEDULING, ...PLUGINS, ...EXECUTORS].sort(),
  "./scheduling": SCHEDULING,
  "./plugins": PLUGINS,
  "./executors": EXECUTORS,
  "./executors/contract": ["executorContract"],
  "./executors/nats": ["NatsExecutor", "serveNats"],
  "./executors/slurm": ["SlurmWorkers", "WorkerFleet"],
  "./nats-worker": [],
  "./plots": ["toSVG"],
};

// Types that only other types use are marked @internal and not exported.
const TYPES_OF_SCHEDULING = [
  "AnyPlugin",
  "AnyTask",
  "AttemptOutcome",
  "AttemptRecord",
  "Call",
  "CallLaterHandle",
  "CallLimits",
  "CallOutcome",
  "CallProgress",
  "CallbackOptions",
  "CallbackStatistics",
  "CallbackUnderWay",
  "CancelOptions",
  "Channel",
  "ChannelConnection",
  "ChannelListener",
  "CommTypes",
  "Declined",
  "DisplayOptions",
  "DisplayStream",
  "EmitterOptions",
  "EmitterStatistics",
  "ErrorAction",
  "ErrorClass",
  "ErrorPolicies",
  "ErrorPolicy",
  "EventArgs",
  "EventCounts",
  "EventStatistics",
  "EventsOf",
  "Executor",
  "ExecutorFeature",
  "ExitCode",
  "ExitState",
  "FunctionSource",
  "FutureState",
  "Injected",
  "LastExit",
  "LimitName",
  "LossRecord",
  "MapOptions",
  "MessageFromCall",
  "MessageToCall",
  "ModuleFunctions",
  "OutputListener",
  "Plugin",
  "PluginStatistics",
  "QueueMonitorOptions",
  "QueueRecord",
  "RecentFuture",
  "RemoteProgram",
  "ResourceLimitsOptions",
  "RunOptions",
  "RunPhase",
  "RunWait",
  "RunningCall",
  "SchedulerEvents",
  "SchedulerStatistics",
  "Shared",
  "SharedHandle",
  "ShutdownReport",
  "StartingCall",
  "StopFunction",
  "StopOptions",
  "Submission",
  "SubmitArgs",
  "SubmitOptions",
  "Subscriber",
  "Subscription",
  "TaskEvents",
  "TaskFunction",
  "TaskOptions",
  "TaskStatistics",
  "ThisArgs",
  "ThisFuture",
  "ThisInjected",
  "ThisTask",
  "TimeStatistics",
  "WaitOptions",
  "WorkerComm",
  "WorkerLostDetails",
  "WorkerLostReason",
  "WorkerState",
  "WorkerStatistics",
];
const TYPES_OF_PLUGINS = [
  "CommEvents",
  "ExponentialBackoffOptions",
  "JournalEntry",
  "JournalEvents",
  "JournalOptions",
  "LimiterEvents",
  "LimiterOptions",
  "ResourceLimitsEvents",
  "RetryEvents",
  "RetryOptions",
  "ThrottleOptions",
];
const TYPES_OF_EXECUTORS = [
  "CommConnection",
  "CommTransport",
  "HousekeepingOptions",
  "PermissionName",
  "ProcessExecutorOptions",
  "StartOptions",
  "WebWorkerExecutorOptions",
  "WorkerPermissions",
];

const TYPES: Record<string, string[]> = {
  ".": [...TYPES_OF_SCHEDULING, ...TYPES_OF_PLUGINS, ...TYPES_OF_EXECUTORS].sort(),
  "./scheduling": TYPES_OF_SCHEDULING,
  "./plugins": [...TYPES_OF_PLUGINS, "ResourceLimitsOptions"],
  "./executors": TYPES_OF_EXECUTORS,
  "./executors/contract": ["ExecutorCheck", "MakeExecutor"],
  "./executors/nats": ["NatsConnect", "NatsExecutorOptions", "NatsWorkerOptions"],
  "./executors/slurm": [
    "FleetStatistics",
    "Job",
    "JobState",
    "JobSystem",
    "SlurmWorkersOptions",
    "WorkQueue",
    "WorkerFleetOptions",
  ],
  "./nats-worker": [],
  "./plots": ["PlotOptions"],
};

// Exports of modules that other modules of the package use, but programs cannot.
const INTERNAL: Record<string, string[]> = {
  "executors/housekeeping_options.ts": ["HOUSEKEEPING_OPTIONS", "housekeepingSettings"],
  "executors/start_options.ts": ["START_OPTIONS", "featuresWith", "startSettings"],
  "executors/worker_permissions.ts": [
    "checkPermissions",
    "permissionFlags",
    "platformPermissions",
    "resolvePermissions",
  ],
  "scheduling/cancel_options.ts": ["checkCancelOptions"],
  "scheduling/function.ts": ["functionName", "functionOf", "functionText"],
  "scheduling/future.ts": [
    "cancelFuture",
    "cancellerOf",
    "continueFuture",
    "endFuture",
    "isFuture",
    "openFuture",
    "outcomeOf",
    "rejectFuture",
    "resolveFuture",
    "restartFuture",
    "startFuture",
  ],
  "scheduling/limit_options.ts": ["tighterLimits", "toLimits"],
  "scheduling/limits.ts": [
    "NO_LIMITS",
    "checkLimits",
    "isOfReachedLimit",
    "limitNames",
    "memoryTexts",
    "noteFailure",
  ],
  "scheduling/map.ts": ["mapItems"],
  "scheduling/display_options.ts": ["displaySettings"],
  "scheduling/error_policy.ts": ["checkAction", "checkPolicies"],
  "scheduling/run_options.ts": ["runSettings"],
  "scheduling/scheduler.ts": ["runningCountOf"],
  "scheduling/scheduler_events.ts": ["schedulerEvents"],
  "scheduling/shared.ts": ["isShared", "share"],
  "scheduling/stop.ts": ["stopOptions"],
  "scheduling/submit_options.ts": ["NO_OPTIONS", "checkOptions"],
  "scheduling/task.ts": ["releasePlugins"],
  "scheduling/task_events.ts": ["taskEvents"],
  "scheduling/transfer.ts": ["checkTransferList"],
};

// Not re-exported, because they have, or belong to, subpaths of their own.
const NOT_IN_A_MOD = [
  "executors/contract.ts",
  "executors/nats/connect.ts",
  "executors/nats/mod.ts",
  "executors/nats/nats_executor.ts",
  "executors/nats/nats_worker.ts",
  "executors/nats/worker.ts",
  "executors/slurm/job_system.ts",
  "executors/slurm/mod.ts",
  "executors/slurm/slurm_workers.ts",
  "executors/slurm/worker_fleet.ts",
  "scheduling/display/plots/mod.ts",
];

const folderOf = (path: string) => path.slice(0, path.indexOf("/"));

function nameOf(subpath: string): string {
  return NAME + subpath.slice(1);
}

Deno.test("deno.json and the import map name the same subpaths", () => {
  assertEquals(config.name, NAME);
  assertEquals(Object.keys(config.exports).sort(), Object.keys(EXPORTS).sort());
  const answered = Object.entries(importMap.imports).filter(([name]) => name.startsWith(NAME));
  const expected = Object.entries(config.exports).map(([key, path]) => [nameOf(key), path]);
  assertEquals(answered.sort(), expected.sort());
});

for (const [subpath, names] of Object.entries(EXPORTS)) {
  Deno.test(`${nameOf(subpath)} exports ${names.length} names, and no others`, async () => {
    assertEquals(Object.keys(await import(nameOf(subpath))).sort(), names.toSorted());
  });
}

for (const [subpath, names] of Object.entries(TYPES)) {
  Deno.test(`${nameOf(subpath)} exports ${names.length} types, and no others`, async () => {
    const { symbols } = await apiDocs(config.exports[subpath] ?? "");
    const types = symbols.filter(({ declarations }) =>
      declarations.every(({ kind }) => kind === "interface" || kind === "typeAlias")
    );
    assertEquals(types.map(({ name }) => name).sort(), names.toSorted());
  });
}

Deno.test("A name is the same value under every subpath", async () => {
  const all = await import(NAME);
  for (const subpath of ["./scheduling", "./plugins", "./executors"]) {
    for (const [name, value] of Object.entries(await import(nameOf(subpath)))) {
      assert(all[name] === value, name);
    }
  }
});

Deno.test("A folder's mod.ts re-exports all its public modules", async () => {
  const files = await filesOf(["scheduling", "plugins", "executors"]);
  const graph = await moduleGraph(files);
  const isPublic = (path: string) => !/\/_|^\w+\/mod\.ts$/.test(path);
  const missing = files.filter(isPublic).filter((path) => {
    const exported = graph.get(`${folderOf(path)}/mod.ts`) ?? [];
    return !exported.some(({ target }) => target === path);
  });
  assertEquals(missing, NOT_IN_A_MOD);
});

Deno.test("Every mod.ts re-exports public modules of its folder only", async () => {
  for (const folder of ["scheduling", "plugins", "executors"]) {
    const graph = await moduleGraph([`${folder}/mod.ts`]);
    const targets = (graph.get(`${folder}/mod.ts`) ?? []).map(({ target }) => target);
    assertGreater(targets.length, 0);
    const pattern = new RegExp(`^${folder}/(?:[a-z][a-z_]*/)?[a-z][a-z_]*\\.ts$`);
    assertEquals(targets.filter((target) => !pattern.test(target)), []);
  }
});

Deno.test("A public module exports only names of its folder", async () => {
  const internal: Record<string, string[]> = {};
  for (const path of await filesOf(["scheduling", "plugins", "executors"])) {
    if (/\/_/.test(path) || NOT_IN_A_MOD.includes(path)) continue;
    const exported = EXPORTS[`./${folderOf(path)}`] ?? [];
    const names = Object.keys(await import(new URL(`../../${path}`, import.meta.url).href));
    const others = names.filter((name) => !exported.includes(name)).sort();
    if (others.length > 0) internal[path] = others;
  }
  assertEquals(internal, INTERNAL);
});

Deno.test("publish.include covers every reachable module and no test", async () => {
  const { include, exclude = [] } = config.publish;
  const isPublished = (path: string) =>
    include.some((glob) => matches(path, glob)) && !exclude.some((glob) => matches(path, glob));
  const graph = await moduleGraph(Object.values(config.exports));
  // The replacements of @std in the import map are for development.
  const own = [...graph.keys()].filter((path) => !/^(tools\/|\w+:)/.test(path));
  assertGreater(own.length, 30);
  assertEquals(own.filter((path) => !isPublished(path)), []);
  for (const file of ["deno.json", "README.md", "CHANGELOG.md", "LICENSE"]) {
    assert(isPublished(file), file);
    assert((await read(file)).length > 0, file);
  }
  const development = [
    ...await filesOf(["tests", "examples", "bench", "tools"]),
    ...await filesOf(["docs"], ".md"),
  ];
  assertEquals(development.filter(isPublished), []);
  assertEquals([matches("a/b/c.ts", "a/**/*.ts"), matches("a/c.ts", "a/**/*.ts")], [true, true]);
  assertEquals([matches("a/c.js", "a/**/*.ts"), matches("ba/c.ts", "a/**/*.ts")], [false, false]);
});

Deno.test("deno.json and the import map resolve every import", async () => {
  const graph = await moduleGraph(Object.values(config.exports));
  const names = new Set<string>();
  for (const [path, dependencies] of graph) {
    if (!/^(scheduling|plugins|executors|mod\.ts)/.test(path)) continue;
    for (const { specifier } of dependencies) {
      if (/^(\.|node:)/.test(specifier)) continue;
      const [found, name = specifier] = /^npm:([^@]+)@[^/]+/.exec(specifier) ?? [];
      names.add(name);
      // A specifier with a version, and perhaps a path in the package, must name the version of deno.json.
      if (found !== undefined) assertEquals(found, config.imports[name]);
      else assert(name in importMap.imports, `${name} is not in the import map`);
      assert(isAnswered(name, config.imports), `${name} is not in deno.json`);
    }
  }
  assertEquals([...names].sort(), [
    "@nats-io/jetstream",
    "@nats-io/nats-core",
    "@nats-io/transport-deno",
    "@observablehq/plot",
    "@std/assert",
    "@std/async/deadline",
    "@std/fmt/colors",
    "comlink",
  ]);
});

Deno.test("deno.json and the import map resolve every @std import", async () => {
  const folders = ["scheduling", "plugins", "executors", "tests", "examples", "bench"];
  const documents = [...await filesOf(["docs"], ".md"), "README.md", "CONTRIBUTING.md"];
  const texts = [...await filesOf(folders), "mod.ts", ...documents].map(read);
  const used = new Set<string>();
  for (const text of await Promise.all(texts)) {
    for (const [, name] of text.matchAll(/from "(@std\/[^"]+)"/g)) used.add(name ?? "");
  }
  assertGreater(used.size, 3);
  for (const name of used) {
    assert(name in importMap.imports, `${name} is not in the import map`);
    assert(isAnswered(name, config.imports), `${name} is not in deno.json`);
  }
  const listed = Object.keys(importMap.imports).filter((name) => name.startsWith("@std/"));
  assertEquals(listed.filter((name) => !used.has(name)), []);
});

Deno.test("The import map resolves @std names to tools/std", async () => {
  const std = Object.entries(importMap.imports).filter(([name]) => name.startsWith("@std/"));
  for (const [name, path] of std) assertEquals(path, `./tools/std/${name.slice(5)}.ts`);
  assertEquals(
    await filesOf(["tools/std"]),
    std.map(([_name, path]) => path.slice(2)).sort(),
  );
});

Deno.test("deno.json and the import map pin the same packages", () => {
  for (const [name, target] of Object.entries(config.imports)) {
    const mapped = importMap.imports[name];
    if (/^@(std|nats-io)\//.test(name)) {
      assert(target.startsWith(`jsr:${name}@`), `${name}: ${target}`);
      // A package that npm has as well has the same versions there.
      const fromNpm = target.replace("jsr:", "npm:").replace("@^", "@");
      assert(mapped === undefined || mapped.startsWith("./tools/") || mapped === fromNpm, mapped);
    } else assertEquals([name, mapped], [name, target]);
  }
});

Deno.test("The package loads only npm packages from the network", async () => {
  const graph = await moduleGraph(Object.values(config.exports));
  const remote = [...graph.keys()].filter((path) => /^https?:/.test(path));
  assertEquals(remote, []);
});

/** Whether an import map has an entry for the name, or for its package. */
function isAnswered(name: string, imports: Record<string, string>): boolean {
  return Object.keys(imports).some((key) => name === key || name.startsWith(`${key}/`));
}

/** Whether a glob of `publish` covers a path; supports `*` and `**`. */
function matches(path: string, glob: string): boolean {
  const parts: Record<string, string> = { "**/": "(?:.*/)?", "**": ".*", "*": "[^/]*" };
  const escaped = glob.replace(
    /\*\*\/|\*\*|\*|[.+?^${}()|[\]\\]/g,
    (found) => parts[found] ?? `\\${found}`,
  );
  return new RegExp(`^${escaped}$`).test(path);
}
