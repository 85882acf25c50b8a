/** The notebook among the examples, run by the kernel of Deno. @module */

import {
  assert,
  assertEquals,
  assertGreater,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { read } from "../fixtures/module_graph.ts";
import { safeHtml, tableOf, textsOf } from "../fixtures/parsed_html.ts";
import {
  type CellOutput,
  isCode,
  type Notebook,
  readNotebook,
  runNotebook,
} from "../fixtures/run_notebook.ts";
import { hasTool } from "../fixtures/tools.ts";

const PATH = "examples/notebook.ipynb";
const RUN = /await scheduler\.run\(/;
const VALUE = /^(\w+);$/m;
// A message that is sent in the last turns of a cell may come too late: on a busy machine, many turns.
const TURN = "await new Promise((resolve) => setTimeout(resolve, 250));";
// Counts what is shown, because updates of an output replace it.
const COUNTING = `
let shown = 0;
const { display } = Deno.jupyter;
Deno.jupyter.display = (...args) => {
  shown++;
  return display(...args);
};`;

// What the notebook itself does not show.
const FURTHER = [
  `const lines = [];
const stream = { writeSync: (bytes) => lines.push(new TextDecoder().decode(bytes)) && bytes.length };
await Scheduler.withSequential().run({ display: { stream } });
await Deno.jupyter.display({ "text/plain": lines.join("") }, { raw: true });
${TURN}`,
  `const processes = Scheduler.withProcesses(1);
const speak = processes.task(() => console.error("from a process"), { name: "speak" });
processes.onStart(() => void speak.submit());
await processes.run({ display: true });
${TURN}`,
];

const notebook = readNotebook(await read(PATH));
const sources = notebook.cells.filter(isCode).map(({ source }) => source);

/** The notebook as the sources of this repository run it, and with what the test reads. */
function prepared({ cells, ...others }: Notebook): Notebook {
  const changed = cells.map((cell) => {
    if (!isCode(cell)) return cell;
    const own = cell.source.replaceAll(/jsr:(@amltk\/scheduling)@\^[\d.]+/g, "$1");
    const source = own
      .replace(VALUE, `await Deno.jupyter.display($1);\n${TURN}`)
      .replace(/\{ raw: true \}\);$/, `$&\n${TURN}`);
    return { ...cell, source: RUN.test(source) ? counted(source) : source };
  });
  const further = FURTHER.map((source, index) => ({
    ...changed.findLast(isCode),
    ...{ cell_type: "code" as const, id: `further-${index}`, source },
  }));
  return { cells: [...changed, ...further], ...others };
}

function counted(source: string): string {
  const report = `await display({ "text/plain": String(shown) }, { raw: true });\n${TURN}`;
  return `${COUNTING}\n${source}\nDeno.jupyter.display = display;\n${report}`;
}

function htmlOf([output]: readonly CellOutput[]): string {
  return output?.data?.["text/html"] ?? "";
}

Deno.test("The notebook is stored without outputs", () => {
  for (const cell of notebook.cells.filter(isCode)) assertEquals(cell.outputs, []);
});

Deno.test("The notebook imports the package by its published name", () => {
  const imports = sources.join("\n").match(/ from "[^"]+"/g) ?? [];
  assert(imports.length > 0);
  for (const specifier of imports) assertMatch(specifier, /"jsr:@amltk\/scheduling@\^/);
});

Deno.test({
  name: "The notebook shows its run in one output, and each object as HTML",
  ignore: !hasTool("jupyter-nbconvert"),
  fn: async () => {
    const outputs = await runNotebook(prepared(notebook));
    const outputOf = (source: string | RegExp, last = false) => {
      const index = (last ? sources.findLastIndex : sources.findIndex).call(
        sources,
        (each) => typeof source === "string" ? each.endsWith(source) : source.test(each),
      );
      return outputs[index] ?? [];
    };
    assertEquals(outputs.flat().filter((output) => output.output_type !== "display_data"), []);

    const [run, exit, count, ...others] = outputOf(RUN);
    assertEquals(others, []);
    assertGreater(Number(count?.data?.["text/plain"]), 1);
    const live = safeHtml(run?.data?.["text/html"] ?? "");
    assertEquals(textsOf(live, "p")[0], "100 % 100 %: 12 of 12 calls have ended");
    assertEquals(tableOf(live, "Calls")[1]?.slice(0, 7), ["descend", "0", "0", "0", "9", "3", "0"]);
    const lines = textsOf(live, "pre").join("\n");
    assertMatch(lines, /^#\d+ rate 0\.\d+, step \d+: x = -?[\d.]+$/m);
    assertStringIncludes(textsOf(live, "summary").join(), "Output of descend");
    assertStringIncludes(run?.data?.["text/plain"] ?? "", "╭─ Scheduler not running");

    const [onStream, processes] = outputs.slice(sources.length);
    assertEquals(onStream?.map(({ data }) => Object.keys(data ?? {})), [["text/plain"]]);
    assertMatch(onStream?.[0]?.data?.["text/plain"] ?? "", /exhausted/);
    assertEquals(processes?.length, 1);
    assertMatch(
      textsOf(safeHtml(htmlOf(processes ?? [])), "pre").join(),
      /^#\d+ stderr from a process$/,
    );

    const title = (html: string) => textsOf(safeHtml(html), "p")[0]?.replaceAll(/\s+/g, " ") ?? "";
    assertMatch(title(htmlOf(outputOf("scheduler;"))), /^Scheduler has not run yet/);
    assertEquals(title(htmlOf(outputOf("search;"))), "Task descend");
    assertEquals(
      title(htmlOf(exit === undefined ? [] : [exit])),
      "The run ended: exhausted, nothing was left to do",
    );
    assertMatch(title(htmlOf(outputOf("best;"))), /^Future #\d+ ✓ succeeded$/);
    assertMatch(title(htmlOf(outputOf("scheduler;", true))), /^Scheduler not running/);
    assertMatch(title(htmlOf(outputOf("monitor;"))), /^QueueMonitor \d+ records$/);
    assertMatch(outputOf(/toSVG\(/).at(-1)?.data?.["image/svg+xml"] ?? "", /^<svg /);
  },
});
