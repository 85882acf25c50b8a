/** Checks whether the package can be released, and lists what is in the way. @module */
// deno-lint-ignore-file no-console -- a tool for the terminal

import { readArgs, runTool } from "./options.ts";

/** The texts to check. */
export interface Release {
  /** The version in deno.json. */
  readonly version: string;
  readonly changelog: string;
  readonly tag?: string | undefined;
}

/** The outcome of a command. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in the folder of the package. */
export type RunCommand = (command: readonly string[]) => Promise<Outcome>;

/** Returns one line for each disagreement of version, changelog and tag. */
export function faultsOf({ version, changelog, tag }: Release): string[] {
  const faults: string[] = [];
  if (!/^\d+\.\d+\.\d+$/.test(version)) faults.push(`"${version}" in deno.json is not a version`);
  const [, latest = "", changes = ""] = /^## (.+)$([^]*?)(?=^## |$(?![^]))/m.exec(changelog) ?? [];
  if (latest !== version) {
    faults.push(`CHANGELOG.md begins with "${latest}", but deno.json says "${version}"`);
  }
  if (!/^- /m.test(changes)) faults.push(`CHANGELOG.md lists no change of "${latest}"`);
  if (tag !== undefined && tag !== `v${version}`) {
    faults.push(`The tag is "${tag}", but deno.json asks for "v${version}"`);
  }
  return faults;
}

/** Finds uncommitted changes, and a tag of the version at another commit. */
export async function repositoryFaults(run: RunCommand, version: string): Promise<string[]> {
  const status = await run(["git", "status", "--porcelain"]);
  if (status.code !== 0) return [`git status failed: ${status.stderr.trim()}`];
  const faults = lines(status.stdout).map((line) => `Not committed: ${line.slice(3)}`);
  const tagged = lines((await run(["git", "tag", "--list", `v${version}`])).stdout);
  const here = lines((await run(["git", "tag", "--points-at", "HEAD"])).stdout);
  const elsewhere = tagged.filter((tag) => !here.includes(tag));
  return [...faults, ...elsewhere.map((tag) => `${tag} is already the tag of another commit`)];
}

/** Checks that deno.lock lists all imports; `check` is the task of deno.json. */
export async function lockFaults(run: RunCommand, check: string): Promise<string[]> {
  const [program = "", command = "", ...args] = check.split(" ");
  const { code, stderr } = await run([program, command, "--frozen", ...args]);
  return code === 0 ? [] : [`The type check fails with the committed deno.lock:\n${stderr.trim()}`];
}

/** Finds what the registry would reject; undefined if JSR cannot be reached. */
export async function publishFaults(run: RunCommand): Promise<string[] | undefined> {
  const { code, stderr } = await run(["deno", "publish", "--dry-run"]);
  if (code === 0) return [];
  if (/JSR package manifest .* failed to load/.test(stderr)) return undefined;
  return [`deno publish --dry-run fails:\n${stderr.trim()}`];
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

async function runCommand([program = "", ...args]: readonly string[]): Promise<Outcome> {
  const command = new Deno.Command(program, { args, env: { NO_COLOR: "1" } });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

async function main(): Promise<boolean> {
  const { tag } = readArgs({ args: Deno.args, options: { tag: { type: "string" } } }).values;
  const { version, tasks } = JSON.parse(Deno.readTextFileSync("deno.json"));
  const changelog = Deno.readTextFileSync("CHANGELOG.md");
  const publish = await publishFaults(runCommand);
  if (publish === undefined) {
    console.error(
      "JSR cannot be reached: deno publish --dry-run is left to the workflow that publishes",
    );
  }
  const faults = [
    ...faultsOf({ version, changelog, tag }),
    ...await repositoryFaults(runCommand, version),
    ...await lockFaults(runCommand, tasks.check),
    ...publish ?? [],
  ];
  for (const fault of faults) console.error(fault);
  return faults.length === 0;
}

if (import.meta.main) await runTool(main);
