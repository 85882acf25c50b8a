// A short run of the soak tool, and the leaks that it must notice.
import { assert, assertEquals } from "@std/assert";
import { growthText, isGood, measure } from "../../tools/soak/measure.ts";
import { SCENARIOS } from "../../tools/soak/scenarios.ts";
import { runFixture } from "../fixtures/run_fixture.ts";

Deno.test("soak finds no growth and ends on its own", async () => {
  const permissions = ["--v8-flags=--expose-gc", "--allow-all"];
  const { code, stdout } = await runFixture("../../tools/soak/main.ts", permissions, [
    "--scale",
    "0.04",
  ]);
  assertEquals(code, 0, stdout);
  assertEquals(stdout.match(/^good/gm)?.length, SCENARIOS.length, stdout);
});

Deno.test("measure() notices a scenario that leaks memory", async () => {
  const kept: Uint8Array[] = [];
  const growth = await measure({
    name: "keeps",
    rounds: 30,
    async run(rounds, round) {
      for (let n = 0; n < rounds; n++) {
        kept.push(new Uint8Array(200_000));
        await round();
      }
    },
  }, 1);
  assertEquals([kept.length, isGood(growth)], [30, false]);
  assert(growthText(growth).startsWith("GROWS  keeps, 30 times: "));
});
