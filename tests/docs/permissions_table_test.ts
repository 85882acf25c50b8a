/** The guide's table of permissions, row by row: what it names is enough, and all of it is needed. @module */

import { assert, assertEquals } from "@std/assert";
import { docTable } from "../fixtures/doc_table.ts";
import { JournalFile } from "../fixtures/journal_file.ts";
import { hasNatsServer, NatsServer } from "../fixtures/nats_server.ts";
import { NatsWorker } from "../fixtures/nats_worker.ts";
import { runFixture } from "../fixtures/run_fixture.ts";

/** What shows that a row is true. */
interface Use {
  /** The program, and its argument. */
  readonly program: readonly [name: string, part?: string];
  /** The flags that the row names. */
  readonly flags: readonly string[];
  /** Those that it needs besides, by the row for what it is an option of. */
  readonly besides?: readonly string[];
}

const folder = (path: string) => `--allow-read=${new URL(path, import.meta.url).pathname}`;
const PACKAGE = folder("../..");
const RUN_DENO = `--allow-run=${Deno.execPath()}`;
const PROCESSES = [RUN_DENO, "--allow-env=NODE_V8_COVERAGE"];

const JOURNAL = new JournalFile();
globalThis.addEventListener("unload", () => JOURNAL[Symbol.dispose]());

// A queue with a worker.
const SERVER = hasNatsServer ? await NatsServer.start() : undefined;
const ADDRESS = SERVER?.address ?? "";
const WORKER = SERVER &&
  await NatsWorker.start("--servers", ADDRESS, "--queue", "needs", "--workers", "1");
globalThis.addEventListener("unload", () => {
  WORKER?.kill("SIGKILL");
  SERVER?.endNow();
});

const uses: Readonly<Record<string, Use>> = {
  "`Scheduler.withSequential()`": { program: ["needs.ts", "sequential"], flags: [] },
  "`Scheduler.withWorkers()`": { program: ["needs.ts", "workers"], flags: [], besides: [PACKAGE] },
  "its option `permissions`": {
    program: ["needs.ts", "sandbox"],
    flags: ["--unstable-worker-options"],
    besides: [PACKAGE],
  },
  "`fromModule()` with a local file": {
    program: ["needs.ts", "module"],
    flags: [folder("../fixtures/modules")],
    besides: [folder("../../executors"), folder("../../scheduling")],
  },
  "`Scheduler.withProcesses()`": { program: ["needs.ts", "processes"], flags: PROCESSES },
  "its option `memory`": {
    program: ["needs.ts", "memory"],
    flags: ["--allow-run=sh"],
    besides: PROCESSES,
  },
  "ending programs that functions start": {
    program: ["needs.ts", "programs"],
    flags: ["--allow-run"],
    besides: ["--allow-env=NODE_V8_COVERAGE"],
  },
  "bare imports of functions in processes": {
    program: ["project/sandboxed.ts"],
    flags: [folder("../fixtures/project/deno.json")],
    besides: PROCESSES,
  },
  "`ResourceLimits`": { program: ["needs.ts", "limits"], flags: [], besides: PROCESSES },
  "`Journal`": {
    program: ["needs.ts", `journal ${JOURNAL.path}`],
    flags: [`--allow-read=${JOURNAL.path}`, `--allow-write=${JOURNAL.path}`],
  },
  "quick [batches](#batches) in processes, and `comm.signal` in a loop that never yields": {
    program: ["needs.ts", "abort"],
    flags: ["--allow-read=/tmp", "--allow-write=/tmp"],
    besides: PROCESSES,
  },
  "`QueueMonitor`, `toSVG()` of `./plots`": { program: ["needs.ts", "plots"], flags: [] },
  "`NatsExecutor` with the address of a server": {
    program: ["needs.ts", `nats ${ADDRESS}`],
    flags: [`--allow-net=${ADDRESS.replace("nats://", "")}`],
  },
  "`run({ handleSignals: true })`": { program: ["needs.ts", "signals"], flags: [] },
  "`run({ display: true })`, `toHTML()`": { program: ["needs.ts", "display"], flags: [] },
  "the option `output`": { program: ["needs.ts", "output"], flags: [], besides: PROCESSES },
};

const [header, ...rows] = await docTable("docs/executors.md", "to use");

Deno.test("The table of permissions lists every part", () => {
  assertEquals(header, ["to use", "Deno needs"]);
  assertEquals(rows.map(([part]) => part), [...Object.keys(uses), "what your functions do"]);
});

for (const [part = "", needs = ""] of rows) {
  const use = uses[part];
  if (use === undefined) continue;
  Deno.test({
    name: `The table of permissions is right about ${part}`,
    ignore: part.includes("NatsExecutor") && !hasNatsServer,
    fn: () => check(use, needs),
  });
}

async function check({ program, flags, besides = [] }: Use, needs: string): Promise<void> {
  const named = [...needs.matchAll(/`(--[\w-]+)/g)].map(([, flag]) => flag);
  assertEquals(named, flags.map((flag) => flag.split("=", 1)[0]));
  if (flags.length === 0) assert(needs.startsWith("nothing"), needs);
  assertEquals(await isAllowed(program, [...besides, ...flags]), true);
  for (const flag of flags) {
    const others = flags.filter((other) => other !== flag);
    assertEquals(await isAllowed(program, [...besides, ...others]), false, flag);
  }
}

async function isAllowed([name, part = ""]: Use["program"], flags: string[]): Promise<boolean> {
  const { stdout } = await runFixture(name, flags, [part]);
  return stdout === "42\n";
}
