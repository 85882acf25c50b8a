/**
 * Fits a line to the measurements in each file of a folder. The function is in its own module,
 * `modules/fit_line.ts`, because it imports an npm package.
 *
 * Run with `--allow-read --allow-write`; the files go to a temporary folder.
 *
 * @module
 */

import { basename } from "node:path";
import { fromModule, Scheduler } from "@amltk/scheduling";

// Each worker imports the module once. The type makes submit() check the arguments.
const url = import.meta.resolve("./modules/fit_line.ts");
const { fitLine } = fromModule<typeof import("./modules/fit_line.ts")>(url);

const folder = await Deno.makeTempDir();
await Deno.writeTextFile(`${folder}/rising.csv`, "0,1\n1,3\n2,5\n3,7\n");
await Deno.writeTextFile(`${folder}/falling.csv`, "0,4\n2,3\n4,2\n");
await Deno.writeTextFile(`${folder}/broken.csv`, "0,1\n1,three\n");

const scheduler = Scheduler.withWorkers(2);
const task = scheduler.task(fitLine);

scheduler.onStart(async () => {
  // A path is cheap to send. Reading the file in the worker keeps this thread free.
  for await (const { name } of Deno.readDir(folder)) task.submit(`${folder}/${name}`);
});

// A future keeps the arguments of its call, here the path of the file.
const lines: string[] = [];
task.onResult((future, { slope, intercept }) => {
  lines.push(`${basename(future.args[0])}: y = ${slope.toFixed(2)} x + ${intercept.toFixed(2)}`);
});
task.onException((future, error) => {
  lines.push(`${basename(future.args[0])}: ${(error as Error).message}`);
});

// A broken file must not end the run. Any other error, such as a missing file, still does.
await scheduler.run({ onException: [[SyntaxError, "ignore"]] });
await Deno.remove(folder, { recursive: true });

// Sorted, because workers finish in any order.
console.log(lines.toSorted().join("\n"));
