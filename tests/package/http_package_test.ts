// The package, imported over http as from a registry by a program with its own folder and
// deno.json. JSR itself cannot be reached from every network.
import { assertEquals } from "@std/assert";
import { ROOT } from "../fixtures/module_graph.ts";
import { npmCache } from "../fixtures/npm_cache.ts";

const PROJECT = new URL("../fixtures/project/", import.meta.url);
const SERVED = /^\/(mod\.ts|(scheduling|plugins|executors|tools\/std)\/[\w/]+\.ts)$/;

interface Consumer {
  readonly origin: string;
  /** Runs the program with these permissions, from another working directory. */
  run(permissions: readonly string[], ...args: string[]): Promise<string>;
}

/** Runs `body` while a server offers the package, and nothing else of this repository. */
async function withConsumer(body: (consumer: Consumer) => Promise<void>): Promise<void> {
  const refused: string[] = [];
  const server = Deno.serve(
    { port: 0, hostname: "localhost", onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      if (SERVED.test(pathname)) {
        const text = await Deno.readTextFile(new URL(`.${pathname}`, ROOT));
        return new Response(text, { headers: { "content-type": "application/typescript" } });
      }
      refused.push(pathname);
      return new Response("not found", { status: 404 });
    },
  );
  const origin = `http://localhost:${server.addr.port}`;
  const folder = await Deno.makeTempDir();
  try {
    await makeProject(folder, origin);
    await body({ origin, run: (permissions, ...args) => runIn(folder, permissions, args) });
    assertEquals(refused, []);
  } finally {
    await server.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
}

async function makeProject(folder: string, origin: string): Promise<void> {
  await Deno.mkdir(`${folder}/lib`);
  for (const name of ["consumer.ts", "work.ts", "lib/answers.ts"]) {
    await Deno.copyFile(new URL(name, PROJECT), `${folder}/${name}`);
  }
  const map = JSON.parse(await Deno.readTextFile(new URL("import_map.npm.json", ROOT)));
  const served = Object.entries<string>(map.imports).map(([name, target]) => [
    name,
    target.replace(/^\.\//, `${origin}/`),
  ]);
  const imports = { ...Object.fromEntries(served), answers: "./lib/answers.ts" };
  await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ imports }));
  // Its own cache, so that the package is fetched. npm packages are not downloaded again.
  await Deno.mkdir(`${folder}/cache`);
  await Deno.symlink(await npmCache(), `${folder}/cache/npm`);
}

async function runIn(
  folder: string,
  permissions: readonly string[],
  args: readonly string[],
): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    cwd: "/",
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--no-lock",
      ...permissions,
      `${folder}/consumer.ts`,
      ...args,
    ],
    env: { NO_COLOR: "1", DENO_DIR: `${folder}/cache` },
    signal: AbortSignal.timeout(60_000),
  }).output();
  const decoder = new TextDecoder();
  return decoder.decode(stdout) + decoder.decode(stderr);
}

Deno.test("imported over http, Web Workers run functions", async () => {
  await withConsumer(async ({ origin, run }) => {
    const { host } = new URL(origin);
    const out = await run([`--allow-import=${host}`, "--allow-read"], "workers");
    assertEquals(out, `${origin}/mod.ts 2 42\n`);
  });
});

Deno.test("imported over http, processes run functions of the program", async () => {
  await withConsumer(async ({ origin, run }) => {
    assertEquals(await run(["--allow-all"], "processes"), `${origin}/mod.ts 2 42\n`);
  });
});

Deno.test("imported over http, processes can have permissions by name", async () => {
  await withConsumer(async ({ origin, run }) => {
    const { host } = new URL(origin);
    const own = [
      `--allow-import=${host}`,
      "--allow-read",
      "--allow-env",
      `--allow-run=${Deno.execPath()}`,
    ];
    for (
      const given of [{ read: true }, { read: true, import: false }, {
        read: true,
        import: ["example.com"],
      }]
    ) {
      const out = await run(own, "processes", JSON.stringify(given));
      assertEquals(out, `${origin}/mod.ts 2 42\n`, JSON.stringify(given));
    }
  });
});
