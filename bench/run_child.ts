/** Runs a program of `children/` in its own process. @module */

/**
 * Runs the program and returns the number that it prints.
 *
 * @throws {Error} if the program fails or prints anything else.
 */
export async function runChild(name: string, args: readonly string[] = []): Promise<number> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      `--import-map=${import.meta.resolve("../import_map.npm.json")}`,
      "--v8-flags=--expose-gc",
      "--allow-read",
      import.meta.resolve(`./children/${name}.ts`),
      ...args,
    ],
    stderr: "inherit",
  }).output();
  const text = new TextDecoder().decode(stdout).trim();
  if (!success || text === "" || Number.isNaN(Number(text))) {
    throw new Error(`${name} printed ${JSON.stringify(text)}`);
  }
  return Number(text);
}
