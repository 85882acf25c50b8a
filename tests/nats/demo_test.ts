// The demo on remote workers, one of which is killed half-way, as is the server.
import { assert, assertEquals } from "@std/assert";
import { QUEUE } from "../../examples/automl/make_scheduler.ts";
import { hasNatsServer, NatsServer } from "../fixtures/nats_server.ts";
import { NatsWorker } from "../fixtures/nats_worker.ts";

const OPTIONS = ["--trials", "12", "--workers", "2"];
// The first results of a rung were reported.
const HALF_WAY = "9 of 12";

// The last line about the search.
const END = /^Test accuracy: .*\n/m;

/** Runs the demo until its search is over; `onText` hears what it has printed so far. */
async function runDemo(
  args: readonly string[],
  onText: (text: string) => void = () => {},
): Promise<string> {
  const program = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--allow-all",
      "--import-map=import_map.npm.json",
      "examples/automl/main.ts",
      ...OPTIONS,
      ...args,
    ],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let output = "";
  for await (const text of program.stdout.pipeThrough(new TextDecoderStream() as never)) {
    onText(output += text);
    if (END.test(output)) break;
  }
  // What it measures afterwards takes longer than the search.
  program.kill("SIGKILL");
  await program.status;
  return output;
}

function leaderboardOf(output: string): string {
  const begin = output.indexOf("Leaderboard");
  return output.slice(begin, output.indexOf("Tasks:", begin));
}

function winnerOf(output: string): readonly string[] {
  return output.split("\n").filter((line) => /^(Winner|Test accuracy):/.test(line));
}

Deno.test({
  name: "the demo gives the same leaderboard on remote workers, whatever is killed",
  ignore: !hasNatsServer,
  async fn() {
    await using server = await NatsServer.start();
    const startWorker = () =>
      NatsWorker.start("--servers", server.address, "--queue", QUEUE, "--workers", "1");
    await using lost = await startWorker();
    await using _other = await startWorker();
    let disturbing: Promise<AsyncDisposable> | undefined;
    const disturb = async () => {
      lost.kill("SIGKILL");
      await server.kill();
      await server.restart();
      return await startWorker();
    };
    const remote = await runDemo(["--nats", server.address], (text) => {
      if (text.includes(HALF_WAY)) disturbing ??= disturb();
    });
    assert(disturbing !== undefined, "The search was over before anything was killed");
    await using _replacement = await disturbing;
    const local = await runDemo([]);
    assertEquals(leaderboardOf(remote), leaderboardOf(local));
    assertEquals(winnerOf(remote), winnerOf(local));
    assertEquals(winnerOf(local).length, 2);
  },
});
