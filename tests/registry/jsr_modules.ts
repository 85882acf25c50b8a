/** The packages of JSR that this one imports, made from what replaces them in development. @module */

import { read } from "../fixtures/module_graph.ts";
import type { PackageStore } from "./package_store.ts";

interface Imports {
  readonly imports: Readonly<Record<string, string>>;
}

/** Adds each JSR name of deno.json, with the version that stands there. */
export async function addJsrModules(store: PackageStore): Promise<void> {
  const { imports: map }: Imports = JSON.parse(await read("import_map.npm.json"));
  const { imports: wanted }: Imports = JSON.parse(await read("deno.json"));
  for (const [name, target] of Object.entries(wanted)) {
    if (!target.startsWith("jsr:")) continue;
    const version = target.slice(target.lastIndexOf("^") + 1);
    const names = Object.keys(map).filter((key) => key === name || key.startsWith(`${name}/`));
    const files = new Map<string, Uint8Array<ArrayBuffer>>();
    const exports: Record<string, string> = {};
    for (const key of names) {
      const subpath = `.${key.slice(name.length)}`;
      exports[subpath] = subpath === "." ? "./mod.ts" : `${subpath}.ts`;
      const text = resolved(await textOf(map[key] ?? ""), map, wanted);
      files.set(exports[subpath].slice(1), new TextEncoder().encode(text));
    }
    await store.add({ name, version, exports, files });
  }
}

async function textOf(target: string): Promise<string> {
  return target.startsWith("npm:") ? `export * from "${target}";\n` : await read(target);
}

/** Replaces the bare names in a module, which only this repository can resolve. */
function resolved(text: string, map: Imports["imports"], wanted: Imports["imports"]): string {
  return text.replace(`"deno-std/`, `"${map["deno-std/"]}`)
    .replaceAll(/"(@nats-io\/[\w-]+)/g, (_found, name) => `"${wanted[name]}`);
}
