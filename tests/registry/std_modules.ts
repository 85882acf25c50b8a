/** The packages of @std, made from the modules that replace them in development. @module */

import { read } from "../fixtures/module_graph.ts";
import type { PackageStore } from "./package_store.ts";

interface Imports {
  readonly imports: Readonly<Record<string, string>>;
}

/** Adds each @std name of the import map, with the version of deno.json. */
export async function addStdModules(store: PackageStore): Promise<void> {
  const { imports: map }: Imports = JSON.parse(await read("import_map.npm.json"));
  const { imports: wanted }: Imports = JSON.parse(await read("deno.json"));
  for (const [name, target] of Object.entries(wanted)) {
    if (!name.startsWith("@std/")) continue;
    const version = target.slice(target.lastIndexOf("^") + 1);
    const names = Object.keys(map).filter((key) => key === name || key.startsWith(`${name}/`));
    const files = new Map<string, Uint8Array<ArrayBuffer>>();
    const exports: Record<string, string> = {};
    for (const key of names) {
      const subpath = `.${key.slice(name.length)}`;
      exports[subpath] = subpath === "." ? "./mod.ts" : `${subpath}.ts`;
      const text = await read(map[key] ?? "");
      const full = text.replace(`"deno-std/`, `"${map["deno-std/"]}`);
      files.set(exports[subpath].slice(1), new TextEncoder().encode(full));
    }
    await store.add({ name, version, exports, files });
  }
}
