/** Tells what the version in deno.json, CHANGELOG.md and the tag of a release disagree in. @module */
// deno-lint-ignore-file no-console -- a tool for the terminal

import { parseArgs } from "node:util";

/** What is to be released. */
export interface Release {
  /** What deno.json says. */
  readonly version: string;
  readonly changelog: string;
  readonly tag?: string | undefined;
}

/** One line for each thing that is wrong. */
export function faultsOf({ version, changelog, tag }: Release): string[] {
  const faults: string[] = [];
  if (!/^\d+\.\d+\.\d+$/.test(version)) faults.push(`"${version}" in deno.json is no version`);
  const [, latest = "", changes = ""] = /^## (.+)$([^]*?)(?=^## |$(?![^]))/m.exec(changelog) ?? [];
  if (latest !== version) {
    faults.push(`CHANGELOG.md begins with "${latest}", where deno.json says "${version}"`);
  }
  if (!/^- /m.test(changes)) faults.push(`CHANGELOG.md lists no change of "${latest}"`);
  if (tag !== undefined && tag !== `v${version}`) {
    faults.push(`The tag is "${tag}", where deno.json asks for "v${version}"`);
  }
  return faults;
}

if (import.meta.main) {
  const { values } = parseArgs({ args: Deno.args, options: { tag: { type: "string" } } });
  const { version } = JSON.parse(Deno.readTextFileSync("deno.json"));
  const changelog = Deno.readTextFileSync("CHANGELOG.md");
  const faults = faultsOf({ version, changelog, tag: values.tag });
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) Deno.exit(1);
}
