/** A folder with a program that imports the package from a registry, and its own cache. @module */

import { filesOf, ROOT } from "../fixtures/module_graph.ts";
import type { Outcome } from "../fixtures/run_fixture.ts";
import type { Registry } from "./registry.ts";
import { type Place, runDeno, runProgram } from "./run_deno.ts";

/** The imports in a consumer's deno.json: the package, and those of its own modules. */
export const IMPORTS: Readonly<Record<string, string>> = {
  "@amltk/scheduling": "jsr:@amltk/scheduling@^0.1",
  "@std/assert": "jsr:@std/assert@^1",
};

/** A program that uses the package. */
export class Consumer implements AsyncDisposable {
  readonly #root: string;
  readonly #registry: string;

  private constructor(root: string, registry: string) {
    this.#root = root;
    this.#registry = registry;
  }

  /** Makes a consumer with this deno.json, in its own folder. */
  static async create(registry: Registry, config: object): Promise<Consumer> {
    // By its real path, because permissions are checked for that.
    const root = await Deno.realPath(await Deno.makeTempDir());
    const consumer = new Consumer(root, registry.url);
    await Deno.mkdir(consumer.folder);
    for (const path of await filesOf(["tests/registry/consumers"])) {
      const name = path.slice(path.lastIndexOf("/") + 1);
      await Deno.copyFile(new URL(path, ROOT), `${consumer.folder}/${name}`);
    }
    await Deno.writeTextFile(consumer.config, JSON.stringify(config));
    return consumer;
  }

  /** The folder of the program. */
  get folder(): string {
    return `${this.#root}/consumer`;
  }

  /** The deno.json of the consumer. */
  get config(): string {
    return `${this.folder}/deno.json`;
  }

  /** Runs `deno` in the folder of the consumer. */
  deno(args: readonly string[], input = ""): Promise<Outcome> {
    return runDeno(args, { ...this.#place(), input });
  }

  /** Runs a program in the folder of the consumer. */
  run(path: string, args: readonly string[]): Promise<Outcome> {
    return runProgram(path, args, this.#place());
  }

  /** Deletes all downloads, except those from npm. */
  async emptyCache(): Promise<void> {
    await Deno.remove(`${this.#root}/cache`, { recursive: true });
  }

  #place(): Place {
    return { cwd: this.folder, cache: `${this.#root}/cache`, registry: this.#registry };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#root, { recursive: true });
  }
}
