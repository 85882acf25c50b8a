// The checks of `deno task release:check` before the tests.
import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  faultsOf,
  lockFaults,
  type Outcome,
  publishFaults,
  repositoryFaults,
  type RunCommand,
} from "../../tools/release_check.ts";
import { read } from "../fixtures/module_graph.ts";

const { version, tasks } = JSON.parse(await read("deno.json"));

/** Runs no command, but returns the given outcomes; by default no output and code 0. */
function answers(outcomes: Record<string, Partial<Outcome>>): RunCommand {
  return (command) =>
    Promise.resolve({ code: 0, stdout: "", stderr: "", ...outcomes[command.join(" ")] });
}

Deno.test("faultsOf() accepts a version, changelog and tag that agree", async () => {
  const changelog = await read("CHANGELOG.md");
  assertEquals(faultsOf({ version, changelog }), []);
  assertEquals(faultsOf({ version, changelog, tag: `v${version}` }), []);
  const older = "# Changelog\n\n## 0.2.0\n\n- New.\n\n## 0.1.0\n\n- Old.\n";
  assertEquals(faultsOf({ version: "0.2.0", changelog: older }), []);
});

Deno.test("faultsOf() names each disagreement", () => {
  const changelog = "# Changelog\n\n## Unreleased\n\n## 0.1.0\n\n- Old.\n";
  assertEquals(faultsOf({ version: "0.2", changelog, tag: "0.2" }), [
    '"0.2" in deno.json is not a version',
    'CHANGELOG.md begins with "Unreleased", but deno.json says "0.2"',
    'CHANGELOG.md lists no change of "Unreleased"',
    'The tag is "0.2", but deno.json asks for "v0.2"',
  ]);
});

Deno.test("repositoryFaults() accepts a clean tree, tagged here or untagged", async () => {
  assertEquals(await repositoryFaults(answers({}), "0.2.0"), []);
  const tagged = answers({
    "git tag --list v0.2.0": { stdout: "v0.2.0\n" },
    "git tag --points-at HEAD": { stdout: "other\nv0.2.0\n" },
  });
  assertEquals(await repositoryFaults(tagged, "0.2.0"), []);
});

Deno.test("repositoryFaults() names uncommitted files and a released version", async () => {
  const run = answers({
    "git status --porcelain": { stdout: " M mod.ts\n?? new file.ts\n" },
    "git tag --list v0.2.0": { stdout: "v0.2.0\n" },
    "git tag --points-at HEAD": { stdout: "other\n" },
  });
  assertEquals(await repositoryFaults(run, "0.2.0"), [
    "Not committed: mod.ts",
    "Not committed: new file.ts",
    "v0.2.0 is already the tag of another commit",
  ]);
  const none = answers({ "git status --porcelain": { code: 128, stderr: "no repository\n" } });
  assertEquals(await repositoryFaults(none, "0.2.0"), ["git status failed: no repository"]);
});

Deno.test("lockFaults() runs the type check with a frozen lockfile", async () => {
  const commands: string[] = [];
  const run: RunCommand = (command) => {
    commands.push(command.join(" "));
    return answers({})(command);
  };
  assertEquals(await lockFaults(run, tasks.check), []);
  assertEquals(commands, [tasks.check.replace("deno check", "deno check --frozen")]);
  const stale = answers({ "deno check --frozen mod.ts": { code: 1, stderr: "out of date\n" } });
  const [fault = ""] = await lockFaults(stale, "deno check mod.ts");
  assertStringIncludes(fault, "deno.lock");
  assertStringIncludes(fault, "out of date");
});

Deno.test("publishFaults() distinguishes a rejection from an unreachable registry", async () => {
  const outcome = (stderr: string) => answers({ "deno publish --dry-run": { code: 1, stderr } });
  assertEquals(await publishFaults(answers({})), []);
  const unreachable = "error: JSR package manifest for '@std/fmt' failed to load. Import failed.";
  assertEquals(await publishFaults(outcome(unreachable)), undefined);
  const [fault = ""] = await publishFaults(outcome("error[slow-types]: no")) ?? [];
  assertStringIncludes(fault, "error[slow-types]: no");
});

Deno.test("The workflow that publishes runs the same checks", async () => {
  const [check = "", ...rest] = tasks["release:check"].split(" && ");
  assertEquals(rest, ["deno task ok", "deno task test:full"]);
  // The first step is the release check; the next ones are the rest of the task.
  const steps = [...(await read(".github/workflows/publish.yml")).matchAll(/^ {6}- run: (.+)$/gm)];
  assertEquals(steps.map(([, command]) => command), [
    `${check} --tag "$GITHUB_REF_NAME"`,
    ...rest,
    "deno publish",
  ]);
});
