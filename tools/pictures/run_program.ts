/** Runs the programs by which pictures are made. @module */

/** Runs a program to its end and returns what it printed; throws with its errors if it fails. */
export async function runProgram(program: string, ...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args: [...args] }).output();
  if (success) return new TextDecoder().decode(stdout);
  throw new Error(`${program} failed: ${new TextDecoder().decode(stderr)}`);
}
