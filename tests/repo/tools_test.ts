// The command lines of the tools.
import { assertEquals, assertThrows } from "@std/assert";
import { numberOptions, UsageError } from "../../tools/options.ts";

const accepted = { repeat: { fallback: 1, from: 1 }, seed: { fallback: 9, from: 0 } };

Deno.test("numberOptions() reads given values and fills in the others", () => {
  assertEquals(numberOptions([], accepted), { repeat: 1, seed: 9 });
  assertEquals(numberOptions(["--repeat", "3", "--seed=0"], accepted), { repeat: 3, seed: 0 });
});

Deno.test("numberOptions() rejects invalid options in one line", () => {
  const refused: readonly [args: string[], message: string][] = [
    [["--repeat", "0"], '--repeat must be an integer from 1 on, not "0"'],
    [["--repeat", "1.5"], 'not "1.5"'],
    [["--repeat", "1e3"], 'not "1e3"'],
    [["--repeat="], 'not ""'],
    [["--seed", "9007199254740993"], 'not "9007199254740993"'],
    [["--repeat"], "the options are --repeat, --seed"],
    [["--repeat", "-1"], "use '--repeat=-XYZ'; the options are --repeat, --seed"],
    [["--repeat=-1"], 'not "-1"'],
    [["--rounds", "3"], "Unknown option '--rounds'; the options are --repeat, --seed"],
    [["3"], "Unexpected argument '3'"],
    [["--", "3"], "Unexpected argument '3'"],
  ];
  for (const [args, message] of refused) {
    const error = assertThrows(() => numberOptions(args, accepted), UsageError, message);
    assertEquals(error.message.includes("\n"), false);
  }
});

const MUST_BE = '--repeat must be an integer from 1 on, not "0"';
const wrong: readonly [tool: string, args: string[], message: string][] = [
  ["repeat.ts", ["--repeat", "0"], MUST_BE],
  ["chaos/main.ts", ["--repeat", "0"], MUST_BE],
  ["suite/main.ts", ["--fast"], "Unknown option '--fast'; the options are --full"],
  ["release_check.ts", ["--version"], "Unknown option '--version'; the options are --tag"],
];

for (const [tool, args, message] of wrong) {
  Deno.test(`${tool} rejects a wrong command line in one line`, async () => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--import-map=import_map.npm.json",
        "--allow-all",
        new URL(`../../tools/${tool}`, import.meta.url).href,
        ...args,
      ],
    }).output();
    const decoder = new TextDecoder();
    assertEquals([code, decoder.decode(stdout)], [2, ""]);
    assertEquals(decoder.decode(stderr), `${message}\n`);
  });
}
