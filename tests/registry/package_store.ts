/** The packages of a registry, in the layout of JSR. @module */

// Deno rejects versions that are younger than a day.
const AGE_MS = 2 * 24 * 60 * 60 * 1000;

/** A version of a package. */
export interface PackageVersion {
  /** The name with its scope, such as `@std/fmt`. */
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string>>;
  /** The files by their paths, which start with a slash. */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** The packages of a registry. */
export class PackageStore {
  readonly #answers = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #packages = new Map<string, PackageVersion>();

  /** Adds a package. Each package has one version. */
  async add(added: PackageVersion): Promise<void> {
    const { name, version, files } = added;
    this.#packages.set(name, added);
    const createdAt = new Date(Date.now() - AGE_MS).toISOString();
    this.#add(`/${name}/meta.json`, {
      name,
      latest: version,
      versions: { [version]: { createdAt } },
    });
    this.#add(`/${name}/${version}_meta.json`, {
      exports: added.exports,
      manifest: await manifest(files),
    });
    for (const [path, data] of files) this.#answers.set(`/${name}/${version}${path}`, data);
  }

  /** Finds the package with this name. */
  package(name: string): PackageVersion | undefined {
    return this.#packages.get(name);
  }

  /** Answers a request for a path of the registry. */
  read(path: string): Uint8Array<ArrayBuffer> | undefined {
    return this.#answers.get(path);
  }

  #add(path: string, value: unknown): void {
    this.#answers.set(path, new TextEncoder().encode(JSON.stringify(value)));
  }
}

async function manifest(files: PackageVersion["files"]): Promise<Record<string, unknown>> {
  const entries = [...files].map(async ([path, data]) => {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data)).toHex();
    return [path, { size: data.length, checksum: `sha256-${digest}` }];
  });
  return Object.fromEntries(await Promise.all(entries));
}
