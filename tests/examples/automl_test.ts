/** The demo, run as users run it, with a search small enough for a test. @module */

import { assert, assertEquals, assertGreater, assertMatch, assertThrows } from "@std/assert";
import { parseOptions } from "../../examples/automl/options.ts";
import { MedianRule } from "../../examples/automl/median_rule.ts";
import { SuccessiveHalving } from "../../examples/automl/successive_halving.ts";
import { type Candidate, sampleCandidates } from "../../examples/automl/trial.ts";
import { UsageError } from "../../tools/options.ts";
import { JournalFile } from "../fixtures/journal_file.ts";

const MAIN = new URL("../../examples/automl/main.ts", import.meta.url).href;
// Nine candidates, two of which fail. The winner is cheap to train.
const SMALL = ["--seed", "15", "--trials", "9"];

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function demo(args: readonly string[], permissions: readonly string[] = []): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--import-map=import_map.npm.json",
      "--allow-read",
      ...permissions,
      MAIN,
      ...args,
    ],
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  });
}

async function runDemo(
  args: readonly string[],
  permissions?: readonly string[],
): Promise<Outcome> {
  const { code, stdout, stderr } = await demo(args, permissions).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

const KNOWN = " known from the journal";

function knownIn(stdout: string): number {
  return Number(/ (\d+) known from the journal$/m.exec(stdout)?.[1]);
}

/** What the demo has printed when it is killed, which is as soon as it prints a text. */
async function killedAt(
  text: string,
  args: readonly string[],
  permissions: readonly string[],
): Promise<string> {
  const child = demo(args, permissions).spawn();
  const errors = new Response(child.stderr).text();
  let stdout = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    const isFirst = !stdout.includes(text);
    stdout += chunk;
    if (isFirst && stdout.includes(text)) child.kill("SIGKILL");
  }
  await child.status;
  assertEquals([await errors, stdout.includes(text)], ["", true]);
  return stdout;
}

/** The leaderboard, up to the empty line below it. */
function leaderboardOf(stdout: string): string {
  const board = /^Leaderboard[^]*?(?=\n\nTasks:)/m.exec(stdout)?.[0];
  assert(board !== undefined, `no leaderboard in:\n${stdout}`);
  return board;
}

function percentOf(label: string, stdout: string): number {
  return Number(new RegExp(`^${label}: ([\\d.]+) %`, "m").exec(stdout)?.[1]);
}

Deno.test("the demo prints one leaderboard for any worker count", async () => {
  const outcomes: Outcome[] = [];
  for (const workers of ["1", "2", "3"]) {
    outcomes.push(await runDemo([...SMALL, "--workers", workers]));
  }
  const boards = outcomes.map(({ stdout }) => leaderboardOf(stdout));
  assertMatch(boards[0] ?? "", /^ {3}1 {4}1350 .*[^]*^ {3}- {5}150 {4}failed/m);
  assertEquals(new Set(boards).size, 1, boards.join("\n"));
  for (const { code, stdout, stderr } of outcomes) {
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /^Tasks: 13 run, 2 failed, 0 cancelled, \d+ stopped early, 0 known/m);
    assertMatch(stdout, /^Speed-up: /m);
    assertGreater(percentOf("Test accuracy", stdout), percentOf("Baseline", stdout) + 5);
  }
});

Deno.test("the demo prints the leaderboard so far after --seconds", async () => {
  const { code, stdout, stderr } = await runDemo(["--seconds", "4", "--workers", "2"]);
  assertEquals([code, stderr], [0, ""]);
  assertMatch(leaderboardOf(stdout), /^ {3}1 +\d+ +[\d.]+ % /m);
  assertMatch(stdout, /^Tasks: \d+ run, \d+ failed, [1-9]\d* cancelled, /m);
  assertMatch(stdout, /^Search: .*, cut short by --seconds$/m);
});

Deno.test({
  name: "the demo prints the leaderboard so far on Ctrl-C",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const child = demo(["--workers", "2"]).spawn();
    const errors = new Response(child.stderr).text();
    let stdout = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      // The second line of progress means that there are results.
      if (!stdout.includes(" of 54") && (stdout + text).includes(" of 54")) child.kill("SIGINT");
      stdout += text;
    }
    assertEquals((await child.status).code, 130);
    assertMatch(leaderboardOf(stdout), /^ {3}1 {5}150 /m);
    assertMatch(stdout, /^Tasks: \d+ run, \d+ failed, [1-9]\d* cancelled, /m);
    await errors;
  },
});

for (const place of ["workers", "processes"]) {
  Deno.test(`the demo on ${place} resumes a search that was killed`, async () => {
    using file = new JournalFile();
    const args = ["--seed", "1", "--trials", "18", "--workers", "2"];
    const journal = ["--journal", file.path];
    if (place === "processes") args.push("--processes");
    const permissions = [
      `--allow-write=${file.folder}`,
      "--allow-run",
      "--allow-env",
    ];
    // The first line of progress means that nine trials have results.
    await killedAt(" of 18", [...args, ...journal], permissions);
    const resumed = await killedAt(KNOWN, [...args, ...journal], permissions);
    assertGreater(knownIn(resumed), 8);
    const again = await killedAt(KNOWN, [...args, ...journal], permissions);
    const [, run, failed] = /^Tasks: (\d+) run, (\d+) failed/m.exec(again) ?? [];
    assertEquals(knownIn(again), Number(run) - Number(failed));
    const whole = leaderboardOf(await killedAt(KNOWN, args, permissions));
    assertEquals([resumed, again].map(leaderboardOf), [whole, whole]);
  });
}

Deno.test("the demo measures what early stopping saves", async () => {
  const { stdout } = await runDemo(["--trials", "18", "--workers", "2"]);
  assertMatch(stdout, /, [1-9]\d* stopped early, /);
  assertMatch(
    stdout,
    /^Early stopping: \d+ trials took [\d.]+ s, and [\d.]+ s when they were run/m,
  );
});

Deno.test("MedianRule learns from some trials and judges others", () => {
  const rule = new MedianRule();
  const at = (checkpoint: number, accuracy: number) => ({ checkpoint, accuracy });
  assertEquals(rule.isBad(at(0.5, 0)), false);
  for (const accuracy of [0.3, 0.1, 0.2]) rule.learn([at(0.5, accuracy), at(1, 0.9)]);
  assertEquals([0.19, 0.2].map((accuracy) => rule.isBad(at(0.5, accuracy))), [true, false]);
  assertEquals([rule.isBad(at(0.25, 0)), rule.isBad(at(1, 0))], [false, false]);
  const reports = [at(0.25, 0.05), at(0.5, 0.1), at(0.75, 0.8)];
  assertEquals(rule.decisive(reports), reports[1]);
  assertEquals(rule.decisive(reports.slice(0, 1)), reports[0]);
});

Deno.test("the demo rejects an invalid value in one line", async () => {
  const { code, stdout, stderr } = await runDemo(["--workers", "0"]);
  assertEquals(code, 2);
  assertEquals(stdout, "");
  assertEquals(stderr, '--workers must be an integer from 1 to 64, not "0"\n');
});

Deno.test("parseOptions() reads valid options", () => {
  const { seed, trials, seconds } = parseOptions([]) ?? {};
  assertEquals([seed, trials, seconds], [1, 54, Infinity]);
  const numbers = ["--seed", "0", "--workers=3", "--trials", "7", "--seconds", "2.5"];
  const parsed = { seed: 0, workers: 3, trials: 7, seconds: 2.5 };
  assertEquals(parseOptions(numbers), {
    ...parsed,
    processes: false,
    nats: undefined,
    journal: undefined,
  });
  assertEquals(
    parseOptions([...numbers, "--processes", "--journal", "a.db"]),
    { ...parsed, processes: true, nats: undefined, journal: "a.db" },
  );
  assertEquals(parseOptions(["--help"]), undefined);
});

Deno.test("parseOptions() rejects invalid options in one line", () => {
  const refused: readonly [args: readonly string[], named: string][] = [
    [["--workers", "x"], '--workers must be an integer from 1 to 64, not "x"'],
    [["--workers", "65"], '"65"'],
    [["--workers"], "Option '--workers <value>' argument missing"],
    [["--seed", "-1"], "To specify an option argument starting with a dash use '--seed=-XYZ'"],
    [["--seed=-1"], '--seed must be an integer from 0 to 4294967295, not "-1"'],
    [["--seed", "4294967296"], '"4294967296"'],
    [["--seed="], '""'],
    [["--trials", "1.5"], '"1.5"'],
    [["--seconds", "0"], '--seconds must be a number from 0.1 to 86400, not "0"'],
    [["--seconds", "Infinity"], '"Infinity"'],
    [["--help=1"], "Option '--help' does not take an argument"],
    [["--sed", "1"], "Unknown option '--sed'; the options are --seed, --workers"],
    [["5"], "Unexpected argument '5'"],
    [["--", "5"], "Unexpected argument '5'"],
  ];
  for (const [args, named] of refused) {
    const { message } = assertThrows(() => parseOptions(args), UsageError, named);
    assertEquals(message.includes("\n"), false);
  }
});

Deno.test("sampleCandidates() does not depend on the number of candidates", () => {
  assertEquals(sampleCandidates(5, 20).slice(0, 3), sampleCandidates(5, 3));
});

Deno.test("SuccessiveHalving promotes the same candidates in any order", () => {
  const settle = (order: (ids: Candidate[]) => Candidate[]) => {
    const halving = new SuccessiveHalving(sampleCandidates(1, 9), [1, 2, 3]);
    const promoted: number[][] = [];
    do {
      for (const { id } of order([...halving.rung])) {
        const trial = halving.rung.find((trial) => trial.id === id);
        assert(trial !== undefined);
        if (id === 4) halving.failed(trial, new Error("Cannot"));
        // Many ties, which go to the lower id.
        else halving.succeeded(trial, id % 3 / 10);
      }
      assert(halving.rungSettled);
      promoted.push(halving.rung.map(({ id }) => id));
    } while (halving.promote());
    return [promoted, halving.ranking.map(({ trial }) => trial.id), halving.failures];
  };
  const forward = settle((trials) => trials);
  assertEquals(settle((trials) => trials.reverse()), forward);
  assertEquals(forward[0], [[1, 2, 3, 4, 5, 6, 7, 8, 9], [2, 5, 8], [2]]);
});

Deno.test("SuccessiveHalving ends when no candidate is left to promote", () => {
  const halving = new SuccessiveHalving(sampleCandidates(1, 2), [1, 2]);
  for (const trial of halving.rung) halving.failed(trial, "no error object");
  assertEquals(halving.promote(), false);
  assertEquals(halving.failures.map(({ reason }) => reason), [
    "no error object",
    "no error object",
  ]);
});
