/** The parts of the test suite. Each runs in a process of its own, so that none sees what others do. @module */

/** Tests that one process runs. */
export interface Part {
  readonly name: string;
  /** The arguments of `deno test` that choose them. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const EXECUTORS = "tests/executors";
const DOCUMENTATION = "tests/docs";
/** Those of the executors' tests that start most processes. */
const OF_PROCESSES = [
  `${EXECUTORS}/crash_test.ts`,
  `${EXECUTORS}/fault_points_test.ts`,
  `${EXECUTORS}/process_executor_test.ts`,
  `${EXECUTORS}/process_faults_test.ts`,
];
/** What takes long and is far from the sources: the package as users get it, the demo, the tools. */
const LONG = [
  "tests/registry",
  `${DOCUMENTATION}/api_site_test.ts`,
  "tests/examples/automl_test.ts",
  "tests/package/harness_test.ts",
  "tests/repo/bench_run_test.ts",
  "tests/repo/chaos_run_test.ts",
];
/** What tests import that run with any size of batches. */
const BATCH_OPTION = "fixtures/batch_option.ts";
/** The programs that this one starts import it. */
const GUIDE = "tests/examples/guide_test.ts";

/** What a change must pass, the longest first: every test but the long ones, and the documentation. */
export const QUICK: readonly Part[] = [
  { name: "processes", args: OF_PROCESSES },
  { name: "workers", args: [EXECUTORS, without(OF_PROCESSES)] },
  {
    name: "documentation",
    args: [
      ...["--doc", "mod.ts", "scheduling", "plugins", "executors", "README.md", "docs"],
      ...[DOCUMENTATION, without(LONG)],
    ],
  },
  { name: "all other", args: ["tests", without([EXECUTORS, DOCUMENTATION, ...LONG])] },
];

/** The rest: the long tests, and once more those that use workers, with other sizes of batches. */
export async function fullParts(): Promise<Part[]> {
  const files = [...await batchedFiles("tests"), GUIDE];
  return [
    { name: "long", args: LONG },
    ...["1", "256"].map((size) => ({
      name: `batches of ${size}`,
      args: files,
      env: { BATCH: size },
    })),
  ];
}

/** The test files that take the size of batches from the environment. */
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
