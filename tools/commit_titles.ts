/** Checks the titles of commits: `deno task commits origin/main..HEAD`. @module */
// deno-lint-ignore-file no-console -- a tool for the terminal

import { readArgs, runTool, UsageError } from "./options.ts";

const TYPES = [
  "feat",
  "fix",
  "refactor",
  "perf",
  "test",
  "docs",
  "bench",
  "chore",
  "ci",
  "build",
];
const MAX_LENGTH = 72;
const BASE = "origin/main";
const USAGE = `usage: deno task commits [RANGE], by default ${BASE}..HEAD`;

/** A commit as `git log` shows it. */
interface Commit {
  readonly hash: string;
  readonly title: string;
}

/** One line for each rule that a title breaks. */
export function titleFaults(title: string): string[] {
  const length = [...title].length;
  const faults = formFaults(title);
  if (length > MAX_LENGTH) faults.push(`has ${length} characters: at most ${MAX_LENGTH}`);
  if (title.includes("; ")) faults.push('joins changes by "; ": make a commit of each');
  if (title.endsWith(".")) faults.push("ends with a period: leave it out");
  return faults;
}

function formFaults(title: string): string[] {
  const form = /^([^\s():]+)(?:\(([^()]*)\))?: \S/.exec(title);
  if (form === null) return ['is not of the form "type: text" or "type(scope): text"'];
  const [, type = "", scope] = form;
  const faults: string[] = [];
  if (!TYPES.includes(type)) faults.push(`has the type "${type}": use one of ${TYPES.join(", ")}`);
  if (scope !== undefined && !/^[a-z][a-z0-9_/-]*$/.test(scope)) {
    faults.push(`has the scope "${scope}": name one part, in lower case`);
  }
  return faults;
}

/** The commits of a range, oldest first, without merges, whose titles git writes. */
async function commitsOf(revisions: readonly string[]): Promise<Commit[]> {
  const options = ["--no-merges", "--no-show-signature", "--reverse", "--format=%h %s"];
  const { success, stdout, stderr } = await git(["log", ...options, ...revisions, "--"]);
  if (!success) throw new UsageError(`${stderr.trim()}; ${USAGE}`);
  return stdout.split("\n").filter((line) => line !== "").map((line) => {
    const space = line.indexOf(" ");
    return { hash: line.slice(0, space), title: line.slice(space + 1) };
  });
}

/** The default range. A checkout without the base branch gets the last commit only. */
async function defaultRevisions(): Promise<string[]> {
  const { success } = await git(["rev-parse", "--verify", "--quiet", `${BASE}^{commit}`]);
  return success ? [`${BASE}..HEAD`] : ["--max-count=1", "HEAD"];
}

async function git(
  args: readonly string[],
): Promise<{ success: boolean; stdout: string; stderr: string }> {
  const { success, stdout, stderr } = await new Deno.Command("git", { args: [...args] }).output();
  const decoder = new TextDecoder();
  return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

async function main(): Promise<boolean> {
  const config = { args: Deno.args, allowPositionals: true } as const;
  const [range, ...others] = readArgs(config, USAGE).positionals;
  if (others.length > 0) throw new UsageError(`Unexpected argument '${others[0]}'; ${USAGE}`);
  const revisions = range === undefined ? await defaultRevisions() : ["--end-of-options", range];
  const commits = await commitsOf(revisions);
  const faults = commits.flatMap(({ hash, title }) =>
    titleFaults(title).map((fault) => `${hash} "${title}" ${fault}`)
  );
  for (const fault of faults) console.error(fault);
  console.log(`Titles: ${commits.length}, faults: ${faults.length}`);
  return faults.length === 0;
}

if (import.meta.main) await runTool(main);
