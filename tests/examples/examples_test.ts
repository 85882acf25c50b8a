/** Every example, run with the permissions that its first comment names. @module */

import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import { filesOf, read } from "../fixtures/module_graph.ts";

const PRINTED: Readonly<Record<string, string>> = {
  "early_stopping.ts": `workers: stopped the trials of quality 0.1, 0.2; best of 7 scores: 0.95
processes: stopped the trials of quality 0.1, 0.2; best of 7 scores: 0.95
`,
  "files.ts": `broken.csv: Not a pair of numbers: 1,three
falling.csv: y = -0.50 x + 4.00
rising.csv: y = 2.00 x + 1.00
`,
  "memory_limit.ts": `fill: 2 blocks
fill: MemoryLimitError
spin: CpuTimeLimitError
`,
  "progress.ts": `250 of 1000 calls done, 25 %
500 of 1000 calls done, 50 %
750 of 1000 calls done, 75 %
1000 of 1000 calls done, 100 %
990 succeeded, 10 failed
`,
  "queue_monitor.ts": `10 finished, 2 failed, 0 cancelled
exception: attempt 1
retried: attempt 1
lost: attempt 2
workers lost: 2
most time went into train
`,
  "results_in_order.ts": `9592 primes below 100000
4 primes below 10
1229 primes below 10000
25 primes below 100
168 primes below 1000
`,
  "retry.ts": `the page /fast
the page /slow
gave up: Http: status 503
3 calls, 3 tried again, 1 failed
`,
  "shared_data.ts": `100 parts, total 499999500000
`,
  "time_limit.ts": `an answer to "What?"
an answer to "When?"
no answer to "Why?" within 2000 ms
`,
};
const SERVER = "server.ts";
// Has a test of its own.
const NOTEBOOK = "notebook.ipynb";
// What it prints depends on the time.
const WATCHING = "watching.ts";
const FOLDER = new URL("../../examples/", import.meta.url);
const IS_WINDOWS = Deno.build.os === "windows";

for (const [file, expected] of Object.entries(PRINTED)) {
  Deno.test({
    name: `Example ${file} prints its results`,
    ignore: IS_WINDOWS && file === "memory_limit.ts",
    fn: async () => {
      const { code, stdout, stderr } = await (await example(file, ["--quiet"])).output();
      const decoder = new TextDecoder();
      assertEquals(decoder.decode(stderr), "");
      assertEquals(decoder.decode(stdout), expected);
      assertEquals(code, 0);
    },
  });
}

Deno.test({
  name: `Example ${SERVER} answers requests until Ctrl-C`,
  ignore: IS_WINDOWS,
  fn: async () => {
    // Not quiet: Deno prints the address.
    const child = (await example(SERVER, [], ["0"])).spawn();
    const stdout = new Response(child.stdout).text();
    const answers: unknown[] = [];
    let stderr = "";
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      stderr += text;
      const [address] = stderr.match(/http:\/\/127\.0\.0\.1:\d+\/(?=\s)/) ?? [];
      if (address === undefined || answers.length > 0) continue;
      try {
        for (const n of ["x", "41", "20"]) answers.push(await answer(`${address}?n=${n}`));
      } finally {
        child.kill("SIGINT");
      }
    }
    assertEquals((await child.status).code, 130, stderr);
    assertEquals(answers, [
      [400, "n must be a positive integer\n"],
      [500, "RangeError: 41 takes too long\n"],
      [200, "6765\n"],
    ]);
    assertEquals(await stdout, "Requests answered: 1\n");
  },
});

Deno.test(`Example ${WATCHING} prints a last line of its display`, async () => {
  const { code, stdout, stderr } = await (await example(WATCHING, ["--quiet"])).output();
  const decoder = new TextDecoder();
  assertMatch(decoder.decode(stderr), /72 of 72 done, 13 failed, .*exhausted after/);
  assertEquals(decoder.decode(stdout).match(/^call \d+ found it to \d+ digits$/gm)?.length, 6);
  assertEquals(code, 0);
});

Deno.test("Examples are all tested and listed in their README", async () => {
  const files = (await Array.fromAsync(Deno.readDir(FOLDER), ({ name }) => name))
    .filter((name) => /\.(ts|ipynb)$/.test(name)).toSorted();
  assertEquals([...Object.keys(PRINTED), SERVER, NOTEBOOK, WATCHING].toSorted(), files);
  const readme = await read("examples/README.md");
  const listed = [...readme.matchAll(/^\| \[(.+?)\]\(\1\)/gm)].map(([, name]) => name);
  assertEquals(listed.toSorted(), files);
});

Deno.test("Examples have 20 to 60 lines", async () => {
  for (const file of [...Object.keys(PRINTED), SERVER, WATCHING]) {
    const lines = (await read(`examples/${file}`)).trimEnd().split("\n").length;
    assert(lines >= 20 && lines <= 60, `${file} has ${lines} lines`);
  }
});

Deno.test("Examples are linted by all rules except no-console", async () => {
  const { lint } = JSON.parse(await read("deno.json"));
  const config = await read("examples/lint.jsonc");
  const { lint: ofExamples } = JSON.parse(config.replace(/^\/\/.*$/gm, ""));
  const include = lint.rules.include.filter((rule: string) => rule !== "no-console");
  assertEquals(ofExamples.rules, { ...lint.rules, include });
  const files = await filesOf(["examples"]);
  assertGreater(files.length, 40);
  for (const file of files) {
    assertEquals((await read(file)).includes("deno-lint-ignore-file"), false, file);
  }
});

/** The command that runs an example as its first comment says. */
async function example(
  file: string,
  flags: readonly string[],
  args: readonly string[] = [],
): Promise<Deno.Command> {
  const [comment = ""] = (await read(`examples/${file}`)).split("*/");
  assertMatch(comment, /Run with `--allow-/, file);
  const permissions = comment.match(/--allow-[^\s`]+/g) ?? [];
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--import-map=import_map.npm.json",
      ...flags,
      ...permissions,
      `examples/${file}`,
      ...args,
    ],
    cwd: new URL("../", FOLDER),
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
    // Ends a program that hangs, so that its test fails. Long enough for any slow machine.
    signal: AbortSignal.timeout(300_000),
  });
}

async function answer(url: string): Promise<[status: number, text: string]> {
  const response = await fetch(url);
  return [response.status, await response.text()];
}
