import { assertEquals, assertNotEquals } from "@std/assert";
import { stripAnsiCode } from "@std/fmt/colors";
import { Emitter, Limiter, Scheduler } from "@amltk/scheduling";
import { BATCH } from "../fixtures/batch_option.ts";
import { maskedTree } from "../fixtures/masked_tree.ts";

function ring(): void {}

function ready(): boolean {
  return true;
}

Deno.test("Emitter.toString() is the tree of events, counts and callbacks", () => {
  const emitter = new Emitter<{ tick: [n: number]; done: []; lost: [] }>({
    name: "clock",
    events: ["tick", "done", "lost"],
  });
  emitter.on("tick", ring, { every: 2, when: ready, limit: 9, repeat: 3 });
  emitter.on("tick", () => {});
  emitter.on("done", ring);
  emitter.on("lost", ring, { hidden: true });
  for (const n of [1, 2, 3]) emitter.emit("tick", n);
  assertEquals(
    emitter.toString(),
    `\
clock
├─ tick 3
│  ├─ ring() 3 every=2 when=ready limit=9 repeat=3
│  └─ (anonymous)() 3
├─ done
│  └─ ring()
└─ lost`,
  );
});

Deno.test("Emitter.toString() of an emitter without events is its name", () => {
  assertEquals(new Emitter({ name: "empty", events: [] }).toString(), "empty");
});

Deno.test("Task.toString() has function, plugins with limits and counts, events and callbacks", async () => {
  const scheduler = Scheduler.withSequential();
  const other = scheduler.task(() => {}, { name: "other" });
  const limiter = new Limiter({ maxCalls: 3, maxConcurrent: 2, notWhileRunning: other });
  const task = scheduler.task(
    function double(n: number) {
      return n * 2;
    },
    { plugins: limiter },
  );
  task.onResult(ring, { limit: 5 });
  const trees: string[] = [];
  scheduler.onStart(() => {
    for (const n of [1, 2, 3]) task.submit(n);
    trees.push(task.toString());
  });
  await scheduler.run();
  trees.push(task.toString());
  assertEquals(trees.map(maskedTree), [
    `\
task double, 2 in the queue
├─ runs function double(n) { return n * 2; }
├─ plugin limiter maxCalls=2/3 maxConcurrent=2/2 notWhileRunning=other
├─ submitted 2
├─ done
├─ result
│  └─ ring() limit=5
├─ exception
├─ cancelled
├─ call-limit-reached
├─ concurrent-limit-reached 1
└─ disabled-due-to-running-task`,
    `\
task double, 0 in the queue, <time> a call (median), 99 % within <time>
├─ runs function double(n) { return n * 2; }
├─ plugin limiter maxCalls=2/3 maxConcurrent=0/2 notWhileRunning=other
├─ submitted 2
├─ done 2
├─ result 2
│  └─ ring() 2 limit=5
├─ exception
├─ cancelled
├─ call-limit-reached
├─ concurrent-limit-reached 1
└─ disabled-due-to-running-task`,
  ]);
});

Deno.test("Task.toString() shows a long function cut to the width of a terminal", () => {
  const scheduler = Scheduler.withSequential();
  const line = (length: number) => {
    const text = `() => "${"x".repeat(length - 8)}"`;
    const fn = new Function(`return ${text}`)() as () => string;
    return scheduler.task(fn, { name: "long" }).toString().split("\n")[1];
  };
  const start = `() => "${"x".repeat(64)}`;
  assertEquals(line(72), `├─ runs ${start}"`);
  assertEquals(line(73), `├─ runs ${start}…`);
});

Deno.test("Task.toString() shows a plugin without statistics by its name alone", () => {
  const task = Scheduler.withSequential().task(() => {}, { plugins: { name: "quiet" } });
  assertEquals(task.toString().split("\n")[2], "├─ plugin quiet");
});

Deno.test("Scheduler.toString() has executor and queue in a panel, then events and tasks", async () => {
  const scheduler = Scheduler.withSequential();
  const work = scheduler.task(function work() {});
  scheduler.task(() => 1, { name: "idle" });
  scheduler.onStart(function begin() {
    work.submit();
    work.submit();
  });
  const trees: string[] = [];
  work.onSubmitted(function look() {
    trees.push(scheduler.toString());
  }, { every: 2, hidden: true });
  await scheduler.run();
  trees.push(scheduler.toString());
  const idle = `\
   ├─ runs ()=>1
   ├─ submitted
   ├─ done
   ├─ result
   ├─ exception
   └─ cancelled`;
  assertEquals(trees.map((tree) => maskedTree(tree).replace(/#\d+/g, "#<id>")), [
    `\
╭─ Scheduler running
│ executor  SequentialExecutor, 1 worker
│ queue     2 pending, 0 running
│ time      <time>, <rate>
╰─
├─ workers
│  └─ 1 idle, 0 calls done
├─ start 1
│  └─ begin() 1
├─ future-submitted 2
├─ future-done
├─ future-result
├─ future-exception
├─ future-cancelled
├─ empty
├─ stop
├─ timeout
├─ finishing
├─ finished
├─ task work, 2 in the queue
│  ├─ runs function work() {}
│  ├─ submitted 2
│  ├─ done
│  ├─ result
│  ├─ exception
│  └─ cancelled
└─ task idle, 0 in the queue
${idle}`,
    `\
╭─ Scheduler not running
│ executor  SequentialExecutor, 1 worker
│ queue     0 pending, 0 running
│ time      <time>, <rate>
│ calls     ran <time>, waited <time> (medians)
│ last run  exhausted
╰─
├─ workers
│  └─ 1 idle, 2 calls done
├─ last futures
│  ├─ #<id> work() result after <time>
│  └─ #<id> work() result after <time>
├─ start 1
│  └─ begin() 1
├─ future-submitted 2
├─ future-done 2
├─ future-result 2
├─ future-exception
├─ future-cancelled
├─ empty 1
├─ stop
├─ timeout
├─ finishing 1
├─ finished 1
├─ task work, 0 in the queue, <time> a call (median), 99 % within <time>
│  ├─ runs function work() {}
│  ├─ submitted 2
│  ├─ done 2
│  ├─ result 2
│  ├─ exception
│  └─ cancelled
└─ task idle, 0 in the queue
${idle}`,
  ]);
});

Deno.test("Scheduler.toString() counts running futures and workers", async () => {
  const scheduler = Scheduler.withWorkers(2, BATCH);
  const lines = () => scheduler.toString().split("\n").slice(1, 3);
  assertEquals(lines(), [
    "│ executor  WebWorkerExecutor, 2 workers │",
    "│ queue     0 pending, 0 running         │",
  ]);
  const sequential = Scheduler.withSequential();
  const running: (string | undefined)[] = [];
  sequential.onStart(() => {
    sequential.submit(() => running.push(sequential.toString().split("\n")[2]));
    sequential.submit(() => {});
  });
  await sequential.run();
  assertEquals(running.map((line) => maskedTree(line ?? "")), ["│ queue     1 pending, 1 running"]);
});

Deno.test("console.log() shows the result of toString(), with optional colours", () => {
  const emitter = new Emitter<{ tick: [] }>({ name: "clock", events: ["tick"] });
  const scheduler = Scheduler.withSequential();
  const task = scheduler.task(() => {});
  for (const object of [emitter, scheduler, task]) {
    assertEquals(Deno.inspect(object), object.toString());
  }
});

for (const noColor of [undefined, "1"]) {
  const title = noColor === undefined ? "in colours when asked" : "without colours under NO_COLOR";
  Deno.test(`console.log() shows emitter, task and scheduler ${title}`, async () => {
    const { NO_COLOR: _, ...env } = Deno.env.toObject();
    if (noColor !== undefined) env.NO_COLOR = noColor;
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        `--import-map=${fromRoot("import_map.npm.json")}`,
        "--allow-read",
        fromRoot("tests/fixtures/show_trees.ts"),
      ],
      env,
      clearEnv: true,
      stderr: "inherit",
    }).output();
    const shown: { text: string; plain: string; coloured: string }[] = JSON.parse(
      new TextDecoder().decode(stdout),
    );
    assertEquals(shown.length, 3);
    for (const { text, plain, coloured } of shown) {
      assertEquals([plain, stripAnsiCode(coloured)], [text, text]);
      if (noColor === undefined) assertNotEquals(coloured, text);
      else assertEquals(coloured, text);
    }
  });
}

function fromRoot(path: string): string {
  return new URL(`../../${path}`, import.meta.url).href;
}
