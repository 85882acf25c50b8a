/**
 * Makes the pictures of the documents from real runs: `deno task pictures`, with `--out FOLDER` for another
 * folder than `docs/pictures`. It needs `tmux`, `jupyter-nbconvert` and `chromium`.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a program for the terminal

import { readArgs, UsageError } from "../options.ts";
import { livePicture } from "./live.ts";
import { notebookPicture } from "./notebook.ts";
import { runPicture } from "./run.ts";

/** What makes each picture; it gets the path of its file. */
const PICTURES: Readonly<Record<string, (path: string) => Promise<void>>> = {
  "live.svg": livePicture,
  "notebook.png": notebookPicture,
  "run.svg": runPicture,
};

try {
  const { values } = readArgs({
    args: Deno.args,
    options: { out: { type: "string", default: "docs/pictures" } },
  });
  await Deno.mkdir(values.out, { recursive: true });
  for (const [name, make] of Object.entries(PICTURES)) {
    const path = `${values.out}/${name}`;
    await make(path);
    console.log(path);
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  Deno.exit(2);
}
