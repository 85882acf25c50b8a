/**
 * A registry with the HTTP layout of JSR, because JSR cannot be reached from every network.
 *
 * @module
 */

import type { PackageStore } from "./package_store.ts";
import { publishApi } from "./publish_api.ts";

/** A running registry. */
export interface Registry extends AsyncDisposable {
  /** The `JSR_URL` for clients of this registry. */
  readonly url: string;
}

/** Serves a store on its own port. */
export function serveRegistry(store: PackageStore): Registry {
  const server = Deno.serve({ port: 0, hostname: "localhost", onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    return pathname.startsWith("/api/") ? publishApi(store, request) : file(store, pathname);
  });
  return {
    url: `http://localhost:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function file(store: PackageStore, path: string): Response {
  const data = store.read(path);
  if (data === undefined) return new Response("not found", { status: 404 });
  return new Response(data, { headers: { "content-type": contentType(path) } });
}

function contentType(path: string): string {
  if (path.endsWith(".ts")) return "text/typescript";
  return path.endsWith(".json") ? "application/json" : "text/plain";
}
