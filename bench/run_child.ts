/** Runs a program of `children/` in its own process. @module */

/** What a program needs to start processes that get files. */
export const FOR_PROCESSES: readonly string[] = [
  "--allow-env",
  "--allow-run",
  "--allow-write",
];

/**
 * Runs the program, which may read files, and returns the number that it prints.
 *
 * @throws {Error} if the program fails or prints anything else.
 */
export async function runChild(
  name: string,
  args: readonly string[] = [],
  permissions: readonly string[] = [],
): Promise<number> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      `--import-map=${import.meta.resolve("../import_map.npm.json")}`,
      "--v8-flags=--expose-gc",
      "--allow-read",
      ...permissions,
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
