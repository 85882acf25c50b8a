/** How a child program reports its measurement. @module */

/** Prints the number, which the parent reads. */
export function printNumber(value: number): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${value}\n`));
}
