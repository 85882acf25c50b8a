// The file of a journal: whose it is, what it is refused for, and who may use it at a time.
import { DatabaseSync } from "node:sqlite";
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Journal, JournalError, Scheduler } from "@amltk/scheduling";
import { JournalFile } from "../fixtures/journal_file.ts";
import { type Outcome, runFixture } from "../fixtures/run_fixture.ts";

const POSIX = Deno.build.os !== "windows";

/** Fills a journal with the doubles of numbers, and closes it. */
async function fill(path: string, count = 40): Promise<void> {
  using journal = new Journal({ path });
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => `${n * 2}`.padEnd(200), { plugins: journal });
  scheduler.onStart(() => {
    for (let n = 0; n < count; n++) task.submit(n);
  });
  await scheduler.run();
}

function refusal(path: string): string {
  const before = Deno.readFileSync(path);
  const error = assertThrows(() => new Journal({ path }), JournalError);
  assertEquals(error.path, path);
  assert(error.message.includes(path), error.message);
  assertEquals(Deno.readFileSync(path), before);
  return error.message;
}

function modeOf(path: string): string {
  return ((Deno.statSync(path).mode ?? 0) & 0o777).toString(8);
}

// --- whose it is

Deno.test({
  name: "Journal makes files that only this user can read",
  ignore: !POSIX,
  async fn() {
    using file = new JournalFile();
    const before = Deno.umask(0);
    try {
      using journal = new Journal({ path: file.path });
      const scheduler = Scheduler.withSequential();
      const task = scheduler.task((n: number) => n, { plugins: journal });
      scheduler.onStart(() => void task.submit(1));
      await scheduler.run();
      const names = file.names();
      assertEquals(names, ["results.db", "results.db-shm", "results.db-wal"]);
      assertEquals(names.map((name) => modeOf(`${file.folder}/${name}`)), ["600", "600", "600"]);
    } finally {
      Deno.umask(before);
    }
    assertEquals(file.names(), ["results.db"]);
    Deno.chmodSync(file.path, 0o644);
    new Journal({ path: file.path }).close();
    assertEquals(modeOf(file.path), "600");
  },
});

Deno.test("Journal takes a URL, and an empty file", () => {
  using file = new JournalFile();
  Deno.writeTextFileSync(file.path, "");
  using journal = new Journal({ path: new URL(`file://${file.path}`) });
  assertEquals(journal.statistics()["path"], file.path);
  assertEquals([...journal.entries()], []);
});

Deno.test("Journal: one file by two paths is one store", async () => {
  using file = new JournalFile();
  const other = `${file.folder}/link.db`;
  await fill(file.path, 1);
  Deno.symlinkSync(file.path, other);
  using one = new Journal({ path: file.path });
  using two = new Journal({ path: other, synchronous: "full" });
  const [{ key = "" } = {}] = [...one.entries()];
  assertEquals([two.delete(key), one.delete(key)], [true, false]);
});

Deno.test("Journal: `synchronous` is that of the database", () => {
  const levels: unknown[] = [];
  const { exec } = DatabaseSync.prototype;
  DatabaseSync.prototype.exec = function (sql: string) {
    exec.call(this, sql);
    if (!sql.includes("synchronous")) return;
    levels.push(this.prepare("PRAGMA synchronous").get()?.["synchronous"]);
  };
  try {
    const [normal, full] = [1, 2];
    using file = new JournalFile();
    const { path } = file;
    using _normal = new Journal({ path });
    assertEquals(levels, [normal]);
    // It holds for all journals that use the file.
    using _full = new Journal({ path, synchronous: "full" });
    using _other = new Journal({ path });
    assertEquals(levels, [normal, full]);
  } finally {
    DatabaseSync.prototype.exec = exec;
  }
});

// --- what it is refused for

Deno.test("Journal refuses a file of another program, untouched", () => {
  const header = "SQLite format 3\0";
  for (const text of ["no journal", "x", header, header.padEnd(200, "\0"), "\0".repeat(4096)]) {
    using file = new JournalFile();
    Deno.writeTextFileSync(file.path, text);
    const message = refusal(file.path);
    assert(message.includes("is not a journal; use another path"), message);
    assertEquals(file.names(), ["results.db"]);
  }
});

Deno.test("Journal refuses another program's database, untouched", () => {
  for (const mode of ["DELETE", "WAL"]) {
    using file = new JournalFile();
    const database = new DatabaseSync(file.path);
    database.exec(`PRAGMA journal_mode = ${mode}; CREATE TABLE results (key TEXT)`);
    for (const when of ["open", "closed"]) {
      if (when === "closed") database.close();
      const names = file.names();
      assert(refusal(file.path).includes("is not a journal"));
      assertEquals(file.names(), names);
    }
  }
});

Deno.test("Journal refuses a newer file, untouched", async () => {
  using file = new JournalFile();
  await fill(file.path);
  const database = new DatabaseSync(file.path);
  database.exec("PRAGMA user_version = 2");
  // First it is in the log alone.
  for (const close of [() => {}, () => database.close()]) {
    close();
    const message = refusal(file.path);
    assert(message.includes("a newer version of this package"), message);
  }
});

Deno.test("Journal refuses what is no file", () => {
  using file = new JournalFile();
  const cases: [path: string, message: string][] = [
    [file.folder, "it is not a file"],
    [`${file.folder}/none/results.db`, "No such file or directory"],
  ];
  for (const [path, message] of POSIX ? cases : []) {
    assertThrows(() => new Journal({ path }), JournalError, message);
  }
});

Deno.test("Journal refuses a damaged file, untouched", async () => {
  using file = new JournalFile();
  await fill(file.path);
  const whole = Deno.readFileSync(file.path);
  const noise = Uint8Array.from({ length: whole.length }, (_, at) => (at * 7919) % 251);
  const damages: Record<string, Uint8Array> = {
    "cut in the middle": whole.slice(0, whole.length / 2),
    "cut after the first page": whole.slice(0, 4096),
    "cut in the header": whole.slice(0, 80),
    "noise after the header": new Uint8Array([...whole.slice(0, 100), ...noise.slice(100)]),
    "noise in the second half": new Uint8Array([
      ...whole.slice(0, whole.length / 2),
      ...noise.slice(whole.length / 2),
    ]),
    "zeros after the first page": whole.map((byte, at) => at < 4096 ? byte : 0),
  };
  for (const [name, bytes] of Object.entries(damages)) {
    Deno.writeFileSync(file.path, bytes);
    const message = refusal(file.path);
    assert(/damaged|is not a journal/.test(message), `${name}: ${message}`);
  }
  Deno.writeFileSync(file.path, whole);
  using journal = new Journal({ path: file.path });
  assertEquals([...journal.entries()].length, 40);
});

Deno.test("Journal: any damage gives an error or a right result", async () => {
  using file = new JournalFile();
  await fill(file.path, 20);
  const whole = Deno.readFileSync(file.path);
  const expected = new Set(Array.from({ length: 20 }, (_, n) => `${n * 2}`.padEnd(200)));
  const damage = fc.array(
    fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255) }),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(damage, (changes) => {
      const bytes = whole.slice();
      for (const { at, byte } of changes) bytes[at] = byte;
      for (const suffix of ["", "-wal", "-shm"]) {
        try {
          Deno.removeSync(file.path + suffix);
        } catch { /* not there */ }
      }
      Deno.writeFileSync(file.path, bytes);
      try {
        using journal = new Journal({ path: file.path });
        for (const { result } of journal.entries()) assert(expected.has(String(result)));
      } catch (error) {
        assert(error instanceof JournalError, Deno.inspect(error));
      }
    }),
    { numRuns: 200, seed: 20_261_126 },
  );
});

// --- who may use it

Deno.test("Journal needs permission for its file alone", async () => {
  using file = new JournalFile();
  const run = (flags: string[]) => runFixture("journal_writer.ts", flags, [file.path, "0", "20"]);
  const [read, write] = [`--allow-read=${file.path}`, `--allow-write=${file.path}`];
  for (const flags of [[], [read], [write]]) {
    const { stdout } = await run(flags);
    assert(stdout.includes(`allow it with ${read} ${write}`), stdout);
  }
  const { stdout, stderr } = await run([read, write]);
  assert(stdout.endsWith("ended 0 20\n"), stdout + stderr);
});

Deno.test("Journal: a program that does not close it ends", async () => {
  using file = new JournalFile();
  const outcomes: Outcome[] = [];
  for (const executor of ["workers", "workers"]) {
    outcomes.push(
      await runFixture("journal_writer.ts", ["--allow-all"], [file.path, "0", "50", executor]),
    );
  }
  assertEquals(outcomes.map(({ code, stderr }) => [code, stderr]), [[0, ""], [0, ""]]);
  assertEquals(outcomes.map(({ stdout }) => /ended .*/.exec(stdout)?.[0]), [
    "ended 0 50",
    "ended 50 0",
  ]);
  using journal = new Journal({ path: file.path });
  assertEquals([...journal.entries()].length, 50);
});

Deno.test("Journal: four programs write to one file at once", async () => {
  using file = new JournalFile();
  // Each computes 60 numbers, 40 of which others compute as well.
  const programs = [0, 20, 40, 60].map((first) =>
    runFixture("journal_writer.ts", ["--allow-all"], [file.path, `${first}`, "60"])
  );
  const outcomes = await Promise.all(programs);
  assertEquals(outcomes.map(({ code, stderr }) => [code, stderr]), Array(4).fill([0, ""]));
  for (const { stdout } of outcomes) assertEquals(stdout.split("\n").length, 1 + 60 + 1 + 1);
  using journal = new Journal({ path: file.path });
  const results = [...journal.entries()].map(({ result }) => Number(result));
  const expected = Array.from({ length: 120 }, (_, n) => n * 2);
  assertEquals(results.toSorted((one, other) => one - other), expected);
});
