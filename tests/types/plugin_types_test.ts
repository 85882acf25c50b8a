import {
  type AnyPlugin,
  type Future,
  Journal,
  type JournalOptions,
  Limiter,
  type Plugin,
  Scheduler,
  type TaskOptions,
} from "@amltk/scheduling";
import { expectTypeOf } from "expect-type";

/** What `submit()` takes for an argument. */
type Given<T> = T | Future<T>;

interface Port {
  send(value: number): void;
}

const injecting: Plugin<object, Port> = { name: "injecting" };

Deno.test("task() with untyped plugins keeps the arguments", () => {
  const plugins: AnyPlugin[] = [new Limiter({ maxCalls: 1 })];
  const task = Scheduler.withSequential().task((n: number, text: string) => `${n}${text}`, {
    plugins,
  });
  expectTypeOf(task.submit).parameters.toEqualTypeOf<
    [n: Given<number>, text: Given<string>]
  >();
});

Deno.test("attachPlugin() rejects a plugin that injects", () => {
  const task = Scheduler.withSequential().task((n: number) => n);
  const attach = () => {
    // @ts-expect-error submit() would take one argument less
    task.attachPlugin({ ...injecting });
  };
  expectTypeOf(attach).toBeFunction();
  const attached = task.attachPlugin({ name: "plain" } as AnyPlugin);
  expectTypeOf(attached.submit).parameters.toEqualTypeOf<[n: Given<number>]>();
});

Deno.test("task() takes options of the exported type", () => {
  const options: TaskOptions = { name: "named", plugins: new Limiter({ maxCalls: 1 }) };
  const task = Scheduler.withSequential().task((n: number) => n, options);
  expectTypeOf(task.submit).parameters.toEqualTypeOf<[n: Given<number>]>();
});

Deno.test("task() with an injecting plugin drops any first parameter", () => {
  const scheduler = Scheduler.withSequential();
  const withPort = () => ({ plugins: { ...injecting } });
  const required = scheduler.task((port: Port, n: number) => port.send(n), withPort());
  expectTypeOf(required.submit).parameters.toEqualTypeOf<[n: Given<number>]>();
  const optional = scheduler.task((port?: Port) => port?.send(1), withPort());
  expectTypeOf(optional.submit).parameters.toEqualTypeOf<[]>();
  const maybe = scheduler.task((port: Port | undefined, n: number) => port?.send(n), withPort());
  expectTypeOf(maybe.submit).parameters.toEqualTypeOf<[n: Given<number>]>();
  const none = scheduler.task(() => 1, withPort());
  expectTypeOf(none.submit).parameters.toEqualTypeOf<[]>();
});

Deno.test("Journal types its event, and lets no submission be declined", () => {
  const use = (options: JournalOptions) => {
    const task = Scheduler.withSequential().task((n: number, text: string) => text.repeat(n), {
      plugins: new Journal(options),
    });
    expectTypeOf(task.submit(1, "a")).toEqualTypeOf<Future<string, [n: number, text: string]>>();
    task.on("journal-hit", (future, result) => {
      expectTypeOf(future.args).toEqualTypeOf<Future<string, [n: number, text: string]>["args"]>();
      expectTypeOf(result).toBeUnknown();
    });
    // @ts-expect-error it has no such event
    task.on("journal-miss", () => {});
  };
  expectTypeOf(use).toBeFunction();
  const options: JournalOptions = {
    path: "a",
    key: (n: number, { id }: { id: string }) => [n, id],
  };
  expectTypeOf(options.path).toEqualTypeOf<string | URL>();
  // @ts-expect-error it is neither
  expectTypeOf<JournalOptions["synchronous"]>().toEqualTypeOf<"off">();
});
