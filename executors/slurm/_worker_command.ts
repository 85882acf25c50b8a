/** The command that a job runs. @module */

const PACKAGE = "@amltk/scheduling";
const PUBLISHED = /\/@amltk\/scheduling\/([^/]+)\//;
const FROM_FILES = ["run", "--quiet", "--allow-all"];

/** The program `nats-worker` of this version of the package, with all permissions. */
export function workerCommand(): string[] {
  const version = PUBLISHED.exec(import.meta.url)?.[1];
  const deno = [Deno.execPath(), ...FROM_FILES];
  if (version !== undefined) return [...deno, `jsr:${PACKAGE}@${version}/nats-worker`];
  return [...deno, `--import-map=${importMap()}`, pathOf("../nats/worker.ts")];
}

/** What resolves the imports of the worker: the import map of a checkout, if this program uses it as well. */
function importMap(): string {
  const usesJsr = import.meta.resolve("@nats-io/nats-core").startsWith("jsr:");
  return pathOf(usesJsr ? "../../deno.json" : "../../import_map.npm.json");
}

function pathOf(relative: string): string {
  return new URL(relative, import.meta.url).href;
}

/** A script of the shell that becomes the command, so that the signals of the job reach it. */
export function batchScript(command: readonly string[]): string {
  const words = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
  return `#!/bin/sh\nexec ${words.join(" ")}\n`;
}
