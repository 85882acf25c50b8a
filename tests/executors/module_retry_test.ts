/** A module that failed to load is loaded again for the next call, on every executor. @module */

import {
  fromModule,
  ModuleLoadError,
  Scheduler,
  type TaskFunction,
  transfer,
} from "@amltk/scheduling";
import { assert, assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import { loadExport } from "../../scheduling/_base/load_export.ts";
import { BATCH } from "../fixtures/batch_option.ts";
import { moduleOf } from "../fixtures/module_of.ts";

type Files = Readonly<Record<string, string>>;

/** Modules of which `work.ts` fails to load until the files in `mended` have replaced others. */
interface Broken {
  readonly files: Files;
  readonly mended?: Files;
  readonly reason: RegExp;
}

// Refuses the first request.
const ONCE = `export function once() {
  const asked = new URL("./asked", import.meta.url);
  try {
    Deno.statSync(asked);
  } catch {
    Deno.writeTextFileSync(asked, "");
    throw new RangeError("refused, once");
  }
}`;

const WORK = "export const work = () => 42;";

const broken: Readonly<Record<string, Broken>> = {
  "that throws": {
    files: { "once.ts": ONCE, "work.ts": `import { once } from "./once.ts"; once(); ${WORK}` },
    reason: /refused, once$/,
  },
  "that throws a text": {
    files: {
      "once.ts": ONCE,
      "work.ts": `import { once } from "./once.ts";
        try { once(); } catch { throw "refused, once"; }
        ${WORK}`,
    },
    reason: /refused, once$/,
  },
  "that imports one that throws": {
    files: {
      "once.ts": ONCE,
      "inner.ts": `import { once } from "./once.ts"; await 0; once(); export const n = 42;`,
      "work.ts": `import { n } from "./inner.ts"; export const work = () => n;`,
    },
    reason: /refused, once$/,
  },
  "that throws, and that another one imports in turn": {
    files: {
      "once.ts": ONCE,
      "other.ts": `import { n } from "./work.ts"; export const other = () => n;`,
      "work.ts": `import { once } from "./once.ts"; import { other } from "./other.ts";
        once();
        export const n = 42;
        export const work = () => other();`,
    },
    reason: /refused, once$/,
  },
  "that is not there": { files: {}, mended: { "work.ts": WORK }, reason: /Module not found/ },
  "that is no JavaScript": {
    files: { "work.ts": "export const work = (;" },
    mended: { "work.ts": WORK },
    reason: /SyntaxError|Expression expected/,
  },
  "that imports one that is not there": {
    files: { "work.ts": `import { n } from "./inner.ts"; export const work = () => n;` },
    mended: { "inner.ts": "export const n = 42;" },
    reason: /Module not found .*inner\.ts/,
  },
  "that imports one that is no JavaScript": {
    files: {
      "inner.ts": "export const n = (;",
      "work.ts": `import { n } from "./inner.ts"; export const work = () => n;`,
    },
    mended: { "inner.ts": "export const n = 42;" },
    reason: /SyntaxError|Expression expected/,
  },
  "that imports what another one lacks": {
    files: {
      "inner.ts": "export const m = 1;",
      "work.ts": `import { n } from "./inner.ts"; export const work = () => n;`,
    },
    mended: { "inner.ts": "export const n = 42;" },
    reason: /does not provide an export named 'n'/,
  },
};

const executors: Readonly<Record<string, () => Scheduler>> = {
  workers: () => Scheduler.withWorkers(1, BATCH),
  processes: () => Scheduler.withProcesses(1, BATCH),
  sequential: () => Scheduler.withSequential(),
};

for (const [executor, make] of Object.entries(executors)) {
  for (const [what, { files, mended = {}, reason }] of Object.entries(broken)) {
    Deno.test(`${executor}: a module ${what} is loaded again`, async () => {
      await inFolder(files, async (url, write) => {
        const { work } = fromModule<{ work(): number }>(`${url}work.ts`);
        const [first, second, third] = await outcomes(
          make(),
          [work, work, work],
          () => write(mended),
        );
        assertInstanceOf(first, ModuleLoadError);
        assert(reason.test(first.message), first.message);
        assertEquals([second, third], [42, 42]);
      });
    });
  }

  Deno.test(`${executor}: a module that fails again is named by its URL`, async () => {
    const files = {
      "inner.js": `throw new RangeError("in " + import.meta.url);`,
      "work.js": `import "./inner.js"; export const work = () => 42;`,
    };
    await inFolder(files, async (url) => {
      const { work } = fromModule<{ work(): number }>(`${url}work.js`);
      for (const error of await outcomes(make(), [work, work, work])) {
        assertInstanceOf(error, ModuleLoadError);
        assertEquals(
          error.message,
          `Cannot load "work" from ${url}work.js: in ${url}inner.js`,
        );
        const { message, stack = "" } = error.cause as Error;
        assertEquals(message, `in ${url}inner.js`);
        assertStringIncludes(stack, `${url}inner.js:1:`);
      }
    });
  });
}

for (const executor of ["workers", "processes"]) {
  Deno.test(`${executor}: a function of a reloaded module shows its URL`, async () => {
    const files = {
      "once.ts": ONCE,
      "work.js": `import { once } from "./once.ts";
        once();
        export function work() {
          throw new RangeError("in " + import.meta.url, { cause: new TypeError("inner") });
        }
        export function leave() {
          setTimeout(() => { throw new RangeError("late"); });
          return new Promise(() => {});
        }`,
    };
    await inFolder(files, async (url) => {
      const { work, leave } = fromModule<{ work(): number; leave(): void }>(`${url}work.js`);
      const [first, error, lost] = await outcomes(executors[executor]?.() as Scheduler, [
        work,
        work,
        leave,
      ]) as [Error, Error, Error];
      assertInstanceOf(first, ModuleLoadError);
      assertEquals(error.message, `in ${url}work.js`);
      for (const each of [error, error.cause as Error, lost.cause as Error]) {
        assertStringIncludes(each.stack ?? "", `${url}work.js:`);
      }
    });
  });
}

Deno.test("A reloaded module can import this package", async () => {
  const files = {
    "once.ts": ONCE,
    "work.ts": `import { transfer } from "@amltk/scheduling";
      import { once } from "./once.ts";
      once();
      let last: Uint8Array | undefined;
      export const work = () => transfer(last = new Uint8Array(3), [last.buffer]);
      export const left = () => last?.length;`,
  };
  await inFolder(files, async (url) => {
    const { work, left } = fromModule<{ work(): Uint8Array; left(): number }>(`${url}work.ts`);
    const [, moved, length] = await outcomes(Scheduler.withWorkers(1, BATCH), [work, work, left]);
    assertEquals([moved, length], [new Uint8Array(3), 0]);
    assertEquals(typeof transfer, "function");
  });
});

Deno.test("loadExport() imports a loaded module only once", async () => {
  const counter = globalThis as { imports?: number };
  const work = moduleOf(
    "globalThis.imports = (globalThis.imports ?? 0) + 1; export const work = () => 42;",
  );
  const results = await Promise.all([work(), work()]);
  assertEquals([...results, await work(), counter.imports], [42, 42, 42, 1]);
  delete counter.imports;
});

Deno.test("loadExport() pauses when a module has failed many times", async () => {
  const counter = globalThis as { imports?: number };
  const source = "globalThis.imports = (globalThis.imports ?? 0) + 1; throw new Error('always');";
  const url = `data:text/javascript,${encodeURIComponent(source)}`;
  const begin = performance.now();
  for (let call = 0; call < 50; call++) {
    const error = await loadExport(url, "work").catch((error) => error);
    assertInstanceOf(error, ModuleLoadError);
    assertEquals((error.cause as Error).message, "always");
  }
  const took = performance.now() - begin;
  // On a machine that stands still, a pause may be over.
  const { imports = 0 } = counter;
  const isPaused = took < 1_000 ? imports === 10 : imports >= 10 && imports < 20;
  assert(isPaused, `${imports} imports in ${took} ms`);
  delete counter.imports;
});

/** The results or errors of functions that are submitted one after the other. */
async function outcomes(
  scheduler: Scheduler,
  functions: readonly TaskFunction[],
  afterFirst: () => void = () => {},
): Promise<unknown[]> {
  const seen: unknown[] = [];
  scheduler.onStart(async () => {
    for (const fn of functions) {
      seen.push(await scheduler.submit(fn).catch((error) => error));
      if (seen.length === 1) afterFirst();
    }
  });
  await scheduler.run({ onException: "ignore" });
  return seen;
}

async function inFolder(
  files: Files,
  body: (url: string, write: (files: Files) => void) => Promise<void>,
): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "amltk-modules-" });
  const write = (files: Files) => {
    for (const [name, text] of Object.entries(files)) {
      Deno.writeTextFileSync(`${folder}/${name}`, text);
    }
  };
  try {
    write(files);
    await body(new URL(`file://${folder}/`).href, write);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
