/** Finds the `deno.json` that resolves the imports of the user's functions. @module */

import { fileURLToPath } from "node:url";
import { show } from "../../scheduling/_base/check.ts";

/** The path of the file that was given, or of the nearest one above the main module. */
export function findConfig(given: string | URL | undefined): string | undefined {
  if (given === undefined) return nearest(Deno.mainModule);
  const path = toPath(given);
  if (isReadable(path)) return path;
  throw new TypeError(`config names no file that can be read: ${show(String(given))}`);
}

function toPath(given: string | URL): string {
  if (!(given instanceof URL) && typeof given !== "string") {
    throw new TypeError(`config must be a path or a file URL, not ${show(given)}`);
  }
  if (!(given instanceof URL) && !given.startsWith("file:")) return given;
  if (new URL(given).protocol === "file:") return fileURLToPath(given);
  throw new TypeError(`config must be a path or a file URL, not ${given}`);
}

// Asked for, as a look at a file that may not be read would throw, or ask the user.
function isReadable(path: string): boolean {
  const { state } = Deno.permissions.querySync({ name: "read", path });
  return state === "granted" && exists(path);
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

function nearest(mainModule: string): string | undefined {
  if (!mainModule.startsWith("file:")) return undefined;
  for (let at = new URL(".", mainModule);; at = new URL("..", at)) {
    for (const name of ["deno.json", "deno.jsonc"]) {
      const path = fileURLToPath(new URL(name, at));
      if (isReadable(path)) return path;
    }
    if (at.pathname === new URL("..", at).pathname) return undefined;
  }
}
