// The package in the tests of its users, where sanitizers look for leaks.
import { assertEquals, assertStringIncludes } from "@std/assert";

interface Verdict {
  readonly code: number;
  readonly output: string;
}

/** Runs a file of tests in its own process. */
async function denoTest(name: string, ...args: readonly string[]): Promise<Verdict> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "--no-check",
      "--no-prompt",
      "--import-map=import_map.npm.json",
      "--allow-all",
      new URL(`../fixtures/harness/${name}`, import.meta.url).href,
      "--",
      ...args,
    ],
    env: { NO_COLOR: "1" },
    signal: AbortSignal.timeout(120_000),
  }).output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** The numbers of passed and failed tests. */
function countsIn(output: string): readonly number[] {
  const [, passed, failed] = /^(?:ok|FAILED) \| (\d+) passed.*? \| (\d+) failed/m.exec(output) ??
    [];
  return [Number(passed), Number(failed)];
}

Deno.test("a user's tests with all sanitizers find no leak", async () => {
  const { code, output } = await denoTest("user_tests.ts");
  assertEquals([code, ...countsIn(output)], [0, 20, 0], output);
});

Deno.test("the sanitizers notice a test that leaks", async () => {
  const { code, output } = await denoTest("leaking_tests.ts");
  assertEquals([code, ...countsIn(output)], [1, 0, 3], output);
  for (const leak of ["A timer was started", "child process", "Test case attempted to exit"]) {
    assertStringIncludes(output, leak);
  }
});

for (
  const kind of [
    "workers",
    "warm workers",
    "workers with output",
    "processes",
    "warm processes",
    "processes with output",
    "a journal",
  ]
) {
  Deno.test(`${kind}: nothing else runs inside of a program's first submission`, async () => {
    const { code, output } = await denoTest("first_start_tests.ts", kind);
    assertEquals([code, ...countsIn(output)], [0, 1, 0], output);
  });
}
