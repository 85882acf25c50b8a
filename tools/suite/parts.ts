/**
 * The parts of the test suite. Each runs in its own process, so that none affects another.
 *
 * @module
 */

/** The tests that one process runs. */
export interface Part {
  readonly name: string;
  /** The arguments of `deno test` that select the tests. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const EXECUTORS = "tests/executors";
const SCHEDULING = "tests/scheduling";
/** What takes longest in the tests of runs. */
const RUNS = [
  `${SCHEDULING}/async_context_test.ts`,
  `${SCHEDULING}/held_calls_test.ts`,
  `${SCHEDULING}/map_test.ts`,
  `${SCHEDULING}/shared_test.ts`,
  `${SCHEDULING}/signals_test.ts`,
  `${SCHEDULING}/statistics_test.ts`,
  `${SCHEDULING}/volume_test.ts`,
  `${SCHEDULING}/waiting_test.ts`,
];
const DOCUMENTATION = "tests/docs";
/** Faults of calls and workers, mostly in processes. */
const FAULTS = [`${EXECUTORS}/crash_test.ts`, `${EXECUTORS}/process_faults_test.ts`];
/** How calls and values cross to workers. */
const CALLS = [
  `${EXECUTORS}/batch_faults_test.ts`,
  `${EXECUTORS}/batching_test.ts`,
  `${EXECUTORS}/crossing_test.ts`,
  `${EXECUTORS}/delivery_test.ts`,
  `${EXECUTORS}/module_retry_test.ts`,
  `${EXECUTORS}/values_property_test.ts`,
];
/** Messages and output of running calls. */
const MESSAGES = [
  `${EXECUTORS}/comm_bounds_test.ts`,
  `${EXECUTORS}/comm_test.ts`,
  `${EXECUTORS}/output_test.ts`,
  "tests/plugins/comm_test.ts",
];
/** Runs the examples of the guide, which take the size of batches from the environment. */
const GUIDE = "tests/examples/guide_test.ts";
/** Other tests of processes. */
const PROCESSES = [
  `${EXECUTORS}/process_executor_test.ts`,
  `${EXECUTORS}/process_group_test.ts`,
  `${EXECUTORS}/process_output_test.ts`,
];
/** Slow tests of the published package, by real clients, and of the pictures of the documents. */
const PUBLISHED = [
  "tests/registry",
  "tests/examples/notebook_test.ts",
  "tests/package/harness_test.ts",
  "tests/repo/pictures_test.ts",
];
/** Slow tests of whole programs: the examples and the demo. */
const PROGRAMS = ["tests/examples/automl_test.ts", "tests/examples/examples_test.ts", GUIDE];
/** Slow tests of the tools. */
const TOOLS = [
  "tests/repo/bench_run_test.ts",
  "tests/repo/chaos_run_test.ts",
  "tests/repo/soak_test.ts",
];
/** Calls on other machines, whose workers are programs of their own. */
const REMOTE = ["tests/nats", "tests/slurm"];
/**
 * Other slow tests: killed programs, other compilers, random programs, and tables of cases whose code other
 * tests cover as well.
 */
const CASES = [
  "tests/display/terminal_test.ts",
  `${DOCUMENTATION}/api_site_test.ts`,
  `${DOCUMENTATION}/faults_table_test.ts`,
  `${DOCUMENTATION}/permissions_table_test.ts`,
  `${EXECUTORS}/comm_faults_test.ts`,
  `${EXECUTORS}/explained_failures_test.ts`,
  `${EXECUTORS}/fake_clock_test.ts`,
  `${EXECUTORS}/fault_points_test.ts`,
  `${EXECUTORS}/journal_crash_test.ts`,
  `${EXECUTORS}/memory_delivery_test.ts`,
  `${EXECUTORS}/order_of_start_test.ts`,
  `${EXECUTORS}/output_bounds_test.ts`,
  `${EXECUTORS}/output_faults_test.ts`,
  `${EXECUTORS}/process_config_test.ts`,
  `${EXECUTORS}/retried_crashes_test.ts`,
  "tests/plugins/retry_on_executors_test.ts",
  "tests/scheduling/map_memory_test.ts",
  "tests/scheduling/map_property_test.ts",
  "tests/scheduling/task_graph_test.ts",
  "tests/types/map_types_test.ts",
  "tests/types/std_types_test.ts",
  "tests/types/types_test.ts",
  "tests/types/user_config_test.ts",
];
const LONG = [...PUBLISHED, ...PROGRAMS, ...TOOLS, ...REMOTE, ...CASES];
/** The examples of the reference, run. `deno task check` checks their types. */
const REFERENCE = ["--doc", "mod.ts", "scheduling", "plugins", "executors"];
/** Imported by tests that run with any size of batches. */
const BATCH_OPTION = "fixtures/batch_option.ts";

/**
 * The tests that every change must pass: all but the slow ones, and the programs of the documents.
 */
export const QUICK: readonly Part[] = [
  { name: "scheduling", args: [SCHEDULING, without([...RUNS, ...LONG])] },
  { name: "documentation", args: ["--doc", "README.md", "docs", DOCUMENTATION, without(LONG)] },
  { name: "runs", args: RUNS },
  { name: "processes", args: PROCESSES },
  { name: "calls", args: CALLS },
  { name: "faults", args: FAULTS },
  { name: "messages", args: MESSAGES },
  {
    name: "executors",
    args: [EXECUTORS, without([...FAULTS, ...CALLS, ...PROCESSES, ...MESSAGES, ...LONG])],
  },
  {
    name: "all other",
    args: ["tests", without([SCHEDULING, EXECUTORS, DOCUMENTATION, ...MESSAGES, ...LONG])],
  },
];

/** The other tests, and those of executors again, with batches of 1. */
export async function fullParts(): Promise<Part[]> {
  // The slow tests would take too long; most have a quick one of the same kind.
  const ofExecutors = (await batchedFiles(EXECUTORS)).filter((file) => !LONG.includes(file));
  // Those that take longest come first.
  return [
    { name: "cases", args: CASES },
    { name: "remote", args: REMOTE },
    { name: "reference", args: REFERENCE },
    // Batches of adaptive size, in all other parts, reach the largest as well.
    { name: "batches of 1", args: ofExecutors, env: { BATCH: "1" } },
    { name: "programs", args: PROGRAMS },
    { name: "published", args: PUBLISHED },
    { name: "tools", args: TOOLS },
  ];
}

/** The test files that read the size of batches from the environment. */
async function batchedFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) files.push(...await batchedFiles(path));
    else if (name.endsWith("_test.ts") && await mentions(path, BATCH_OPTION)) files.push(path);
  }
  return files.sort();
}

async function mentions(path: string, text: string): Promise<boolean> {
  return (await Deno.readTextFile(path)).includes(text);
}

function without(paths: readonly string[]): string {
  return `--ignore=${paths.join(",")}`;
}
