/** A folder with a program that imports the package from a registry, and a cache of its own. @module */

import { filesOf, ROOT } from "../fixtures/module_graph.ts";
import type { Outcome } from "../fixtures/run_fixture.ts";
import type { Registry } from "./registry.ts";
import { type Place, runDeno, runProgram } from "./run_deno.ts";

/** What a consumer's deno.json says of the package, and of what its own modules use. */
export const IMPORTS: Readonly<Record<string, string>> = {
  "@amltk/scheduling": "jsr:@amltk/scheduling@^0.1",
  "@std/assert": "jsr:@std/assert@^1",
};

/** A consumer. */
export class Consumer implements AsyncDisposable {
  readonly #root: string;
  readonly #registry: string;

  private constructor(root: string, registry: string) {
    this.#root = root;
    this.#registry = registry;
  }

  /** Makes one with this deno.json, in a folder of its own. */
  static async create(registry: Registry, config: object): Promise<Consumer> {
    // By its real name, as permissions are asked for that.
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

  /** The folder of its program. */
  get folder(): string {
    return `${this.#root}/consumer`;
  }

  /** Its deno.json. */
  get config(): string {
    return `${this.folder}/deno.json`;
  }

  /** Runs `deno` in its folder. */
  deno(args: readonly string[], input = ""): Promise<Outcome> {
    return runDeno(args, { ...this.#place(), input });
  }

  /** Runs a program in its folder. */
  run(path: string, args: readonly string[]): Promise<Outcome> {
    return runProgram(path, args, this.#place());
  }

  /** Forgets all that was downloaded, but from npm. */
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
