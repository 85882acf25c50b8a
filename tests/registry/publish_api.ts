/** The part of JSR's API that `deno publish` calls. @module */

import { unpackTar } from "modern-tar";
import type { PackageStore, PackageVersion } from "./package_store.ts";

const PUBLISHED = { id: "1", status: "success", error: null };

/** Answers a request below `/api/`; an upload is published at once. */
export async function publishApi(store: PackageStore, request: Request): Promise<Response> {
  const url = new URL(request.url);
  if (url.pathname === `/api/publish_status/${PUBLISHED.id}`) return Response.json(PUBLISHED);
  const [, scope, name, version] =
    /^\/api\/scopes\/([^/]+)\/packages\/([^/]+)(?:\/versions\/([^/]+))?$/.exec(url.pathname) ?? [];
  if (scope === undefined) return notFound();
  if (request.method === "POST" && version !== undefined) {
    const config = url.searchParams.get("config") ?? "";
    await store.add(await unpack(request, `@${scope}/${name}`, version, config));
    return Response.json(PUBLISHED);
  }
  // The package exists and anyone may publish to it, but it has no version yet.
  return version === undefined ? Response.json({ scope, name }) : notFound();
}

async function unpack(
  request: Request,
  name: string,
  version: string,
  config: string,
): Promise<PackageVersion> {
  if (request.body === null) throw new Error("The upload has no body");
  const entries = await unpackTar(request.body.pipeThrough(new DecompressionStream("gzip")));
  const files = new Map(
    entries.flatMap(({ header, data }) => data ? [[path(header.name), data]] as const : []),
  );
  const { exports } = JSON.parse(new TextDecoder().decode(files.get(config)));
  return { name, version, exports, files };
}

function path(name: string): string {
  return `/${name.replace(/^\.?\//, "")}`;
}

function notFound(): Response {
  return Response.json({ code: "notFound", message: "There is none" }, { status: 404 });
}
