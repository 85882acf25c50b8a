// What notebooks show of futures and exit states.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type ExitState, type Future, Scheduler } from "@amltk/scheduling";
import { exitHtml } from "../../scheduling/display/_to_html.ts";
import { BATCH } from "../fixtures/batch_option.ts";
import { HOSTILE, shownAs } from "../fixtures/hostile_texts.ts";
import { type ParsedHtml, safeHtml, tableOf, textsOf } from "../fixtures/parsed_html.ts";

const DISPLAY = Symbol.for("Jupyter.display");

/** The rows of the table of facts. */
function factsOf({ elements, ...html }: ParsedHtml): Record<string, string> {
  const texts = (tag: string) => textsOf({ elements, ...html }, tag);
  const [names, values] = [texts("th"), texts("td")];
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""]));
}

function titleOf(html: ParsedHtml): string {
  return textsOf(html, "p")[0]?.replaceAll(/\s+/g, " ") ?? "";
}

function bundleOf(shown: object): Record<string, string> {
  return (shown as Record<symbol, () => Record<string, string>>)[DISPLAY]?.() ?? {};
}

Deno.test("Future.toHTML() shows each state", async () => {
  const scheduler = Scheduler.withWorkers(1, BATCH);
  const task = scheduler.task((n: number) => {
    if (n < 0) throw new RangeError("n must not be negative", { cause: new Error("deep") });
    return { n };
  }, { name: "check" });
  const pages: ParsedHtml[] = [];
  const show = (future: Future | Future<{ n: number }, [n: number]>) =>
    void pages.push(safeHtml(future.toHTML()));
  scheduler.onStart(() => {
    const [good, bad, dropped] = [1, -1, 2].map((n) => task.submit(n));
    assert(good !== undefined && bad !== undefined && dropped !== undefined);
    show(good);
    dropped.cancel();
    show(dropped);
    return Promise.allSettled([good, bad]).then(() => [good, bad].forEach(show));
  });
  await scheduler.run({ onException: "ignore" });

  assertEquals(
    pages.map((page) => titleOf(page).replace(/#\d+/, "#n")),
    ["Future #n pending", "Future #n ⊘ cancelled", "Future #n ✓ succeeded", "Future #n ✗ failed"],
  );
  const [pending = {}, cancelled = {}, done = {}, failed = {}] = pages.map(factsOf);
  assertEquals(Object.keys(pending), ["task", "arguments", "waited for"]);
  assertEquals(Object.keys(cancelled), ["task", "arguments", "waited for"]);
  const { task: name, arguments: args, result, worker } = done;
  assertEquals([name, args, result, worker], ["check", "1", "{ n: 1 }", "1"]);
  assertMatch(`${done["waited for"]}, ${done["ran for"]}`, /^[\d.]+ m?s, [\d.]+ (m?s|min)$/);
  assertStringIncludes(failed.exception ?? "", "RangeError: n must not be negative");
  assertStringIncludes(failed.exception ?? "", "deep");
  assertEquals(failed.result, undefined);
});

Deno.test("Future.toHTML() of a running call says for how long", async () => {
  const scheduler = Scheduler.withSequential();
  const shown: string[] = [];
  scheduler.onStart(() => {
    const future: Future = scheduler.submit(() => {
      shown.push(future.toHTML());
    });
  });
  await scheduler.run();
  const html = safeHtml(shown[0] ?? "");
  assertMatch(titleOf(html), /^Future #\d+ ▶ running$/);
  assertEquals(Object.keys(factsOf(html)), [
    "task",
    "arguments",
    "worker",
    "waited for",
    "ran for",
  ]);
});

Deno.test("Future.toHTML() shows arguments and results of any size and kind", async () => {
  class Hostile {
    get secret(): string {
      throw new Error("a getter");
    }
    [Symbol.for("Deno.customInspect")](): string {
      throw new Error("an inspection");
    }
  }
  const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`member${n}`, n]));
  const many = new Array(1e5).fill("y");
  const values = ["x".repeat(1e6), many, wide, new Hostile(), () => 1, Symbol("s"), 1n];
  const scheduler = Scheduler.withSequential();
  const futures: Future[] = [];
  scheduler.onStart(() => {
    for (const value of values) futures.push(scheduler.submit((x: unknown) => x, value));
    futures.push(scheduler.submit((...all: unknown[]) => all, ...values, ...values, ...values));
  });
  await scheduler.run();
  for (const future of futures) assert(safeHtml(future.toHTML()).text.length < 80_000);
  assertEquals(futures.map(({ state }) => state), values.map(() => "done").concat("done"));
});

for (const [what, text] of Object.entries(HOSTILE)) {
  Deno.test(`Future.toHTML() shows ${what} as text`, async () => {
    const scheduler = Scheduler.withSequential();
    const task = scheduler.task((given: { text: string }) => {
      if (given.text === "") throw new Error(text);
      return given;
    }, { name: text });
    const futures: Future[] = [];
    scheduler.onStart(() => {
      futures.push(...[{ text }, { text: "" }].map((given) => task.submit(given) as Future));
    });
    await scheduler.run({ onException: "ignore" });
    const [done = {}, failed = {}] = futures.map((future) => factsOf(safeHtml(future.toHTML())));
    assertEquals(done.task, shownAs(text));
    assertEquals(done.result, done.arguments);
    const [line = ""] = text.split("\n");
    // A stack has no halves of characters.
    assertStringIncludes(failed.exception ?? "", shownAs(line.toWellFormed()));
  });

  Deno.test(`An exit state shows ${what} as text`, () => {
    const exception = Object.assign(new Error(text), { name: text });
    const facts = factsOf(safeHtml(
      exitHtml({ code: "stopped", message: text, exception, runaways: 0 }),
    ));
    assertEquals(facts.message, shownAs(text));
    assert(facts.exception !== undefined && facts.exception !== "");
  });
}

Deno.test("An exit state tells why the run ended, message, exception and runaways", () => {
  const exit: ExitState = {
    code: "stopped",
    message: "enough",
    exception: new RangeError("too far"),
    runaways: 2,
  };
  const html = safeHtml(exitHtml(exit));
  assertEquals(titleOf(html), "The run ended: stopped, stop() was called, or the run was aborted");
  const { message, exception, runaways } = factsOf(html);
  assertEquals(message, "enough");
  assertStringIncludes(exception ?? "", "RangeError: too far");
  assertMatch(runaways ?? "", /^2 threads still run although .+withProcesses/s);
  assertEquals(factsOf(safeHtml(exitHtml({ code: "exhausted", runaways: 0 }))), {});
});

Deno.test("run() resolves to a plain record that a notebook can show", async () => {
  const exit = await Scheduler.withSequential().run();
  assertEquals(exit, { code: "exhausted", runaways: 0 });
  assertEquals({ ...exit }, { code: "exhausted", runaways: 0 });
  assertEquals(JSON.stringify(exit), '{"code":"exhausted","runaways":0}');
  assertEquals(structuredClone(exit), exit);
  assertEquals(Deno.inspect(exit), '{ code: "exhausted", runaways: 0 }');
  assertEquals(Reflect.ownKeys({ ...exit }), ["code", "runaways"]);
  assertEquals(bundleOf(exit), {
    "text/html": exitHtml(exit),
    "text/plain": '{ code: "exhausted", runaways: 0 }',
  });
});

Deno.test("Jupyter.display is HTML and text of each object", async () => {
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task((n: number) => n, { name: "same" });
  const futures: Future[] = [];
  task.onResult((future) => futures.push(future as Future));
  scheduler.onStart(() => {
    task.submit(1);
  });
  await scheduler.run();
  const [future] = futures;
  assert(future !== undefined);
  for (const shown of [scheduler, task, future]) {
    const { "text/html": html = "", "text/plain": text, ...others } = bundleOf(shown);
    assertEquals([html, text, others], [shown.toHTML(), Deno.inspect(shown), {}]);
    safeHtml(html);
  }
  assertStringIncludes(bundleOf(scheduler)["text/plain"] ?? "", "╭─ Scheduler not running");
});

Deno.test("Jupyter.display of a large result is bounded", async () => {
  const scheduler = Scheduler.withSequential();
  const bundles: Record<string, string>[] = [];
  scheduler.onFutureDone((future) => bundles.push(bundleOf(future)));
  scheduler.onStart(() => {
    scheduler.submit(() =>
      Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`key${n}`, n]))
    );
  });
  await scheduler.run();
  const lengths = bundles.flatMap((bundle) => Object.values(bundle)).map(({ length }) => length);
  assertEquals(lengths.length, 2);
  assert(Math.max(...lengths) < 110_000, `${lengths}`);
});

Deno.test("Jupyter.display of an error that cannot be shown does not throw", async () => {
  class Unshowable extends Error {
    override toString(): string {
      throw new Error("no text");
    }
    [Symbol.for("Deno.customInspect")](): string {
      throw new Error("no inspection");
    }
  }
  const scheduler = Scheduler.withSequential();
  scheduler.onStart(() => {
    scheduler.submit(() => {
      throw new Unshowable();
    });
  });
  const exit = await scheduler.run({ onException: "end" });
  assertEquals(tableOf(safeHtml(bundleOf(exit)["text/html"] ?? ""), "Workers"), []);
  assertStringIncludes(bundleOf(exit)["text/html"] ?? "", "an object of Unshowable");
});
