/** The picture of a notebook's display. @module */

import { type CellOutput, readNotebook, runNotebook } from "../../tests/fixtures/run_notebook.ts";
import { runProgram } from "./run_program.ts";

const SIZE = "--window-size=900,930";
const FROM_JSR = /jsr:(@amltk\/scheduling)@\^[\d.]+/g;

/** Runs `examples/notebook.ipynb` by the kernel of Deno, and draws what the display of its run shows. */
export async function notebookPicture(path: string): Promise<void> {
  const json = await Deno.readTextFile("examples/notebook.ipynb");
  const outputs = await runNotebook(readNotebook(json.replaceAll(FROM_JSR, "$1")));
  const page = await Deno.makeTempFile({ suffix: ".html" });
  try {
    await Deno.writeTextFile(page, pageOf(displayOf(outputs.flat())));
    await runProgram(
      "chromium",
      "--headless",
      // Without it, chromium does not start for the user of a container.
      "--no-sandbox",
      "--hide-scrollbars",
      SIZE,
      `--screenshot=${path}`,
      `file://${page}`,
    );
  } finally {
    await Deno.remove(page);
  }
}

function displayOf(outputs: readonly CellOutput[]): string {
  const html = outputs.find(({ data }) => data?.["text/html"]?.includes("Output of"))?.data;
  if (html?.["text/html"] === undefined) throw new Error("The notebook shows no display");
  return html["text/html"].replace(/<details>(?=\s*<summary[^>]*>\s*Output)/g, "<details open>");
}

function pageOf(html: string): string {
  return `<!doctype html><meta charset="utf-8"><body style="margin: 20px; ` +
    `font: 14px/1.4 system-ui, sans-serif">${html}</body>`;
}
