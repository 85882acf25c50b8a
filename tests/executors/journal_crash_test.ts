// Programs that are killed while they write to a journal, and a disk that is full.
import { assert, assertEquals } from "@std/assert";
import { Journal } from "@amltk/scheduling";
import { JournalFile } from "../fixtures/journal_file.ts";
import { fixtureCommand } from "../fixtures/run_fixture.ts";

const PROGRAM = "journal_writer.ts";

/** Numbers that look random and are the same each time. */
function* random(seed: number): Generator<number, never, void> {
  for (let state = seed;;) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    yield state / 2 ** 31;
  }
}

const numbers = random(20_261_126);
const below = (count: number) => Math.floor(numbers.next().value * count);
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/** Kills the program some time after it has printed so many lines; returns all that it printed. */
async function killAfter(lines: number, args: string[]): Promise<string[]> {
  const child = fixtureCommand(PROGRAM, ["--allow-all"], args).spawn();
  let text = "";
  let isKilled = false;
  const kill = async () => {
    isKilled = true;
    for (let turns = below(30); turns > 0; turns--) await turn();
    child.kill("SIGKILL");
  };
  const kills: Promise<void>[] = [];
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (!isKilled && text.split("\n").length > lines) kills.push(kill());
  }
  await Promise.all(kills);
  const { signal } = await child.status;
  const stderr = await new Response(child.stderr).text();
  assertEquals([signal, stderr], ["SIGKILL", ""]);
  assert(text.endsWith("\n"), text);
  return text.trimEnd().split("\n").slice(1);
}

/** The results in a file, as the program prints them. */
function linesOf(path: string): Set<string> {
  using journal = new Journal({ path });
  return new Set([...journal.entries({ task: "double" })].map(({ result }) => {
    const text = String(result);
    return `${parseInt(text) / 2} ${text.length} ${parseInt(text)}`;
  }));
}

for (const [executor, kills] of Object.entries({ sequential: 24, workers: 4, processes: 4 })) {
  Deno.test(`Journal holds what a killed program printed (${executor})`, async () => {
    using file = new JournalFile();
    const printed = new Set<string>();
    for (let kill = 0; kill < kills; kill++) {
      const first = `${printed.size}`;
      const lines = await killAfter(1 + below(80), [file.path, first, "0", executor, "300"]);
      for (const line of lines) printed.add(line);
      const held = linesOf(file.path);
      assertEquals([...printed].filter((line) => !held.has(line)), []);
    }
    assert(printed.size > kills, `${printed.size}`);
  });
}

Deno.test("Journal opens after a program was killed that created it", async () => {
  for (let kill = 0; kill < 12; kill++) {
    using file = new JournalFile();
    const lines = await killAfter(1, [file.path]);
    const held = linesOf(file.path);
    assertEquals(lines.filter((line) => !held.has(line)), []);
  }
});

const LIMIT = `trap '' XFSZ; ulimit -S -f 400; exec "$0" "$@"`;
const SMALLER_LIMIT = LIMIT.replace("400", "1");

Deno.test({
  name: "Journal: a full disk is named, loses nothing, and can be freed",
  // Elsewhere no program can raise the limit of another one.
  ignore: Deno.build.os !== "linux",
  async fn() {
    using file = new JournalFile();
    const url = new URL(`../fixtures/${PROGRAM}`, import.meta.url).href;
    const deno = [Deno.execPath(), "run", "--no-prompt", "--import-map=import_map.npm.json"];
    const args = [file.path, "0", "100", "sequential", "5000"];
    const child = new Deno.Command("sh", {
      args: ["-c", LIMIT, ...deno, "--allow-all", url, ...args],
      ...{ stdin: "piped", stdout: "piped", stderr: "piped", signal: AbortSignal.timeout(300_000) },
    }).spawn();
    let text = "";
    let before: string[] | undefined;
    let held = new Set<string>();
    for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += part;
      if (before !== undefined || !/^failed.*\n/m.test(text)) continue;
      before = text.trimEnd().split("\n").slice(1);
      held = linesOf(file.path);
      const free = { args: ["--fsize=unlimited", `--pid=${child.pid}`] };
      assertEquals((await new Deno.Command("prlimit", free).output()).code, 0);
      const input = child.stdin.getWriter();
      await input.write(new Uint8Array(1));
      await input.close();
    }
    assertEquals([(await child.status).code, await new Response(child.stderr).text()], [0, ""]);
    assert(before !== undefined && before.length > 5, text);
    assert(/^failed Cannot write to the journal .*: the disk/.test(before.at(-1) ?? ""), text);
    // The event of the result that could not be written came, and the run ended.
    assertEquals(before.slice(0, -1).filter((line) => !held.has(line)).length, 1);
    const last = text.trimEnd().split("\n").at(-1);
    assert(last?.startsWith(`ended ${held.size} `), last);
    assertEquals(linesOf(file.path).size, 100);
  },
});

Deno.test({
  name: "Journal: a disk that is full from the start is named",
  ignore: Deno.build.os === "windows",
  async fn() {
    using file = new JournalFile();
    const url = new URL(`../fixtures/${PROGRAM}`, import.meta.url).href;
    const deno = [
      Deno.execPath(),
      "run",
      "--no-lock",
      "--no-check",
      "--import-map=import_map.npm.json",
    ];
    const { stdout } = await new Deno.Command("sh", {
      args: ["-c", SMALLER_LIMIT, ...deno, "--allow-all", url, file.path, "0", "1", "sequential"],
      stdin: "null",
    }).output();
    const text = new TextDecoder().decode(stdout);
    assert(/^failed Cannot open the journal .*: the disk/m.test(text), text);
    assertEquals(Deno.statSync(file.path).size, 0);
  },
});
