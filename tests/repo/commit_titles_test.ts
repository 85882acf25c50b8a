// The rules for the titles of commits, and the commits that `deno task commits` reads.
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { titleFaults } from "../../tools/commit_titles.ts";
import { filesOf, read } from "../fixtures/module_graph.ts";

const TOOL = new URL("../../tools/commit_titles.ts", import.meta.url).href;

Deno.test("titleFaults() accepts every type, with and without a scope", () => {
  const types = "feat fix refactor perf test docs bench chore ci build".split(" ");
  for (const type of types) {
    assertEquals(titleFaults(`${type}: a change`), []);
    assertEquals(titleFaults(`${type}(executors): a change`), []);
  }
  assertEquals(titleFaults("fix(commit-titles): v1.0 is read: A.B, `a;b` and (c)"), []);
});

Deno.test("titleFaults() counts 72 characters, not UTF-16 units", () => {
  const start = "docs: ";
  assertEquals(titleFaults(start + "🙂".repeat(66)), []);
  assertEquals(titleFaults(start + "é".repeat(67)), ["has 73 characters: at most 72"]);
});

Deno.test("titleFaults() names each rule that a title breaks", () => {
  const form = 'is not of the form "type: text" or "type(scope): text"';
  const types = "use one of feat, fix, refactor, perf, test, docs, bench, chore, ci, build";
  const broken: readonly [title: string, ...faults: string[]][] = [
    ["", form],
    ["Mend the pool", form],
    ["fix:the pool", form],
    ["fix:  the pool", form],
    ["fix: ", form],
    ["fix (pool): a", form],
    ["fix(pool) : a", form],
    ["fix(pool: a", form],
    [": the pool", form],
    ["feature: a pool", `has the type "feature": ${types}`],
    ["Fix: the pool", `has the type "Fix": ${types}`],
    ["fix!: the pool", `has the type "fix!": ${types}`],
    ["fix(Pool): a", 'has the scope "Pool": name one part, in lower case'],
    ["fix(): a", 'has the scope "": name one part, in lower case'],
    ["fix(pool, slot): a", 'has the scope "pool, slot": name one part, in lower case'],
    ["fix: the pool; the slot", 'joins changes by "; ": make a commit of each'],
    ["fix: the pool.", "ends with a period: leave it out"],
    [
      "Mend the pool; and the slot.",
      form,
      'joins changes by "; ": make a commit of each',
      "ends with a period: leave it out",
    ],
  ];
  for (const [title, ...faults] of broken) assertEquals(titleFaults(title), faults, title);
});

Deno.test("commit_titles.ts checks the commits since origin/main by default", async () => {
  const repository = await Repository.create();
  try {
    await repository.commit("Whatever was before");
    await repository.commit("feat: begin\nthe title goes on\n\nA body. It has; all.");
    assertEquals(await repository.check(), [0, "Titles: 1, faults: 0\n", ""]);

    await repository.git("update-ref", "refs/remotes/origin/main", "HEAD");
    assertEquals(await repository.check(), [0, "Titles: 0, faults: 0\n", ""]);

    await repository.commit("fix(pool): one");
    await repository.git("checkout", "--quiet", "-b", "side", "HEAD~1");
    await repository.commit("fix(Pool): two.");
    await repository.git("merge", "--quiet", "--no-ff", "-m", "Merge; all.", "main");
    const [code, stdout, stderr] = await repository.check();
    assertEquals([code, stdout], [1, "Titles: 2, faults: 2\n"]);
    assertMatch(stderr, /^[0-9a-f]+ "fix\(Pool\): two\." has the scope .*\n.* ends with a period/);
    assertEquals(stderr.includes("Merge"), false);
  } finally {
    await repository.remove();
  }
});

Deno.test("commit_titles.ts checks the given range, and rejects bad ones", async () => {
  const repository = await Repository.create();
  try {
    await repository.commit("Whatever was before");
    await repository.commit("feat: one");
    await repository.commit("feat: two");
    assertEquals(await repository.check("HEAD~2..HEAD"), [0, "Titles: 2, faults: 0\n", ""]);
    const [code, , stderr] = await repository.check("HEAD");
    assertEquals(code, 1);
    assertStringIncludes(stderr, '"Whatever was before" is not of the form');

    const refused: readonly [args: string[], message: string][] = [
      [["nowhere..HEAD"], "nowhere..HEAD"],
      [["--all"], "Unknown option '--all'; usage: deno task commits [RANGE]"],
      [["--", "--all"], "--all"],
      [["HEAD", "HEAD~1"], "Unexpected argument 'HEAD~1'"],
    ];
    for (const [args, message] of refused) {
      const [code, stdout, stderr] = await repository.check(...args);
      assertEquals([code, stdout], [2, ""]);
      assertStringIncludes(stderr, message);
      assertStringIncludes(stderr, "usage: deno task commits [RANGE]");
    }
  } finally {
    await repository.remove();
  }
});

Deno.test("The workflow checks the commits of a pull request", async () => {
  const text = await read(".github/workflows/commits.yml");
  assertMatch(text, /^on:\s+pull_request:$/m);
  assertStringIncludes(text, "fetch-depth: 0");
  assertStringIncludes(text, 'run: deno task commits "origin/$BASE..HEAD"');
  assertStringIncludes(text, "BASE: ${{ github.base_ref }}");
});

Deno.test("Every workflow cancels a run for a newer one", async () => {
  const block =
    /^concurrency:\s+group: \$\{\{ github\.workflow }}-\$\{\{ github\.ref }}\s+cancel-in-progress: true$/m;
  const workflows = await filesOf([".github/workflows"], ".yml");
  assertEquals(workflows.includes(".github/workflows/test.yml"), true);
  for (const path of workflows) assertMatch(await read(path), block, path);
});

/** A git repository in its own folder, independent of the git settings of this machine. */
class Repository {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async create(): Promise<Repository> {
    const repository = new Repository(await Deno.makeTempDir());
    await repository.git("init", "--quiet", "--initial-branch=main");
    return repository;
  }

  async git(...args: readonly string[]): Promise<void> {
    const [code, , stderr] = await this.#run("git", args);
    assertEquals(code, 0, stderr);
  }

  commit(message: string): Promise<void> {
    return this.git("commit", "--quiet", "--allow-empty", "--message", message);
  }

  /** The exit code and output of the tool. */
  check(...args: readonly string[]): Promise<[code: number, stdout: string, stderr: string]> {
    const options = ["run", "--quiet", "--no-prompt", "--allow-run=git"];
    return this.#run(Deno.execPath(), [...options, TOOL, ...args]);
  }

  remove(): Promise<void> {
    return Deno.remove(this.#folder, { recursive: true });
  }

  async #run(
    program: string,
    args: readonly string[],
  ): Promise<[code: number, stdout: string, stderr: string]> {
    const { code, stdout, stderr } = await new Deno.Command(program, {
      args: [...args],
      cwd: this.#folder,
      env: {
        // Set, because a git hook that runs the tests sets it to the repository of the package.
        GIT_DIR: `${this.#folder}/.git`,
        GIT_CONFIG_GLOBAL: `${this.#folder}/none`,
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_AUTHOR_NAME: "Ada",
        GIT_AUTHOR_EMAIL: "ada@example.com",
        GIT_COMMITTER_NAME: "Ada",
        GIT_COMMITTER_EMAIL: "ada@example.com",
        NO_COLOR: "1",
      },
    }).output();
    const decoder = new TextDecoder();
    return [code, decoder.decode(stdout), decoder.decode(stderr)];
  }
}
