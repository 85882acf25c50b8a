/** How a child program tells what it measured. @module */

/** Prints the number for the parent. */
export function printNumber(value: number): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${value}\n`));
}
