/** Publishes this package with the real client. @module */

import { filesOf, read, ROOT } from "../fixtures/module_graph.ts";
import type { Outcome } from "../fixtures/run_fixture.ts";
import { PackageStore } from "./package_store.ts";
import { serveRegistry } from "./registry.ts";
import { addJsrModules } from "./jsr_modules.ts";
import { runDeno } from "./run_deno.ts";

/** The outcome of a publication. */
export interface Published {
  readonly store: PackageStore;
  readonly outcome: Outcome;
}

/** Uploads the package to a registry that has only what it imports. */
export async function publish(): Promise<Published> {
  const store = new PackageStore();
  await addJsrModules(store);
  await using registry = serveRegistry(store);
  const folder = await Deno.makeTempDir();
  try {
    // From a copy, because the client may write a lockfile that is wrong for other registries.
    await copyPackage(`${folder}/package`);
    const outcome = await runDeno(
      ["publish", "--token", "x", "--allow-dirty", "--no-provenance"],
      { cwd: `${folder}/package`, cache: `${folder}/cache`, registry: registry.url },
    );
    return { store, outcome };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function copyPackage(folder: string): Promise<void> {
  const { publish }: { publish: { include: string[] } } = JSON.parse(await read("deno.json"));
  const folders = publish.include.filter((glob) => glob.includes("/")).map((glob) =>
    glob.slice(0, glob.indexOf("/"))
  );
  const files = publish.include.filter((glob) => !glob.includes("/"));
  for (const path of [...files, ...await filesOf(folders)]) {
    const target = `${folder}/${path}`;
    await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
    await Deno.copyFile(new URL(path, ROOT), target);
  }
}
