import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { fromModule, functionSource, ModuleLoadError, type TaskFunction } from "@amltk/scheduling";
import { compile } from "../../scheduling/_base/compile.ts";

const WORK_URL = import.meta.resolve("../fixtures/modules/work.ts");
const THROWS_URL = import.meta.resolve("../fixtures/modules/throws.ts");

type Work = typeof import("../fixtures/modules/work.ts");

/** Makes the function as a worker does, from nothing but what crosses to it. */
function shipped(fn: TaskFunction): (...args: unknown[]) => unknown {
  const record = functionSource(fn);
  assert(record.kind === "source");
  return compile(record.source, record.name)();
}

// ----------------------------------------------------------------------------- what crosses

function declared(n: number): number {
  return n * 2;
}

async function declaredAsync(n: number): Promise<number> {
  await Promise.resolve();
  return n * 2;
}

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

const recursiveArrow = (n: number): number => n < 2 ? 1 : n * recursiveArrow(n - 1);

const recursiveAsync = async (n: number): Promise<number> =>
  n < 2 ? 1 : n * await recursiveAsync(n - 1);

const holder = {
  shorthand(n: number) {
    return n * 2;
  },
  async asyncShorthand(n: number) {
    return await Promise.resolve(n * 2);
  },
  "quoted name"(n: number) {
    return n * 2;
  },
  42(n: number) {
    return n * 2;
  },
  ["literal"](n: number) {
    return n * 2;
  },
  delete(n: number) {
    return n * 2;
  },
  get(n: number) {
    return n * 2;
  },
  async(n: number) {
    return n * 2;
  },
  static(n: number) {
    return n * 2;
  },
  class(n: number) {
    return n * 2;
  },
  arrow: (n: number) => n * 2,
  default: (n: number) => n * 2,
  "bound to work": (n: number) => n * 2,
};

class Holder {
  method(n: number): number {
    return n * 2;
  }
  static staticMethod(n: number): number {
    return n * 2;
  }
  static async staticAsync(n: number): Promise<number> {
    return await Promise.resolve(n * 2);
  }
  get getter(): number {
    return 42;
  }
}

const doubling: Record<string, (n: number) => unknown> = {
  "a function declaration": declared,
  "a function expression": function (n: number) {
    return n * 2;
  },
  "a named function expression": function named(n: number) {
    return n * 2;
  },
  "an arrow function": (n) => n * 2,
  "an arrow function with a block": (n) => {
    return n * 2;
  },
  "an async function": declaredAsync,
  "an async arrow function": async (n) => await Promise.resolve(n * 2),
  "a method": holder.shorthand,
  "an async method": holder.asyncShorthand,
  "a method with a quoted name": holder["quoted name"],
  "a method with a number for a name": holder[42],
  "a method with a computed literal name": holder["literal"],
  "a method named delete": holder.delete,
  "a method named get": holder.get,
  "a method named async": holder.async,
  "a method named static": holder.static,
  "a method named class": holder.class,
  "a property that is an arrow function": holder.arrow,
  "a property named default": holder.default,
  "a property whose name begins like that of a bound function": holder["bound to work"],
  "a method of a class": Holder.prototype.method,
  "a static method": Holder.staticMethod,
  "an async static method": Holder.staticAsync,
  "a default parameter": (n, factor = 2) => n * factor,
  "a default parameter that uses another": (n, m = n) => n + m,
  "a default parameter that calls": (n, m = Math.min(n, 1e9)) => n + m,
  "rest parameters": (...numbers) => numbers.reduce((sum, n) => sum + 2 * n, 0),
  "a destructured parameter": (n, { factor } = { factor: 2 }) => n * factor,
  "text that mentions class and native code": (n) =>
    "class { [native code] }".length > 0 ? n * 2 : 0,
  "a comment at its end": (n) => {
    return n * 2; // { [native code] }
  },
  "an inner class and an inner generator": (n) => {
    class Inner {
      #factor = 2;
      *factors() {
        yield this.#factor;
      }
    }
    return n * [...new Inner().factors()].reduce((a, b) => a * b);
  },
  "a using declaration": (n) => {
    let factor = 1;
    {
      using _guard = { [Symbol.dispose]: () => void factor++ };
    }
    return n * factor;
  },
  "a function made from text": new Function("n", "return n * 2") as (n: number) => unknown,
};

for (const [what, fn] of Object.entries(doubling)) {
  Deno.test(`functionSource() accepts ${what}`, async () => {
    assertEquals([await shipped(fn)(21), await fn(21)], [42, 42]);
  });
}

for (const [what, fn] of Object.entries({ factorial, recursiveArrow, recursiveAsync })) {
  Deno.test(`functionSource() takes a function that calls itself: ${what}`, async () => {
    assertEquals(await shipped(fn)(5), 120);
  });
}

Deno.test("functionSource() takes the function of a getter", () => {
  const getter = Object.getOwnPropertyDescriptor(
    {
      get answer() {
        return 42;
      },
    },
    "answer",
  )?.get;
  const classGetter = Object.getOwnPropertyDescriptor(Holder.prototype, "getter")?.get;
  assertEquals([getter, classGetter].map((fn) => fn && shipped(fn)()), [42, 42]);
});

Deno.test("functionSource() runs no code of the function", () => {
  const fn = (_n = (globalThis as { ran?: boolean }).ran = true) => {};
  functionSource(fn);
  shipped(fn);
  assertEquals("ran" in globalThis, false);
});

Deno.test("functionSource() returns name and source, the same record each time", () => {
  const double = (n: number) => n * 2;
  const record = functionSource(double);
  assertEquals(record, { kind: "source", name: "double", source: "(n)=>n * 2" });
  assertStrictEquals(functionSource(double), record);
});

Deno.test("A shipped function reaches globals, no surrounding variables", async () => {
  const around = 5;
  assertEquals(shipped(() => typeof structuredClone)(), "function");
  const error = assertThrows(() => shipped(() => around)(), ReferenceError, "around");
  assertEquals(error.message, "around is not defined");
  await assertRejects(async () => await shipped(async () => await around)(), ReferenceError);
});

Deno.test("A shipped function has no `this`", () => {
  function declaredThis(this: unknown): unknown {
    return this;
  }
  assertEquals([shipped(declaredThis)(), compile("()=>this", "arrow")()()], [undefined, undefined]);
});

Deno.test("A shipped function keeps its line numbers in stacks", () => {
  const throwsOnThird = compile("(n)=>{\n  n++;\n  throw new Error(`${n}`);\n}", "count up")();
  const error = assertThrows(() => throwsOnThird(1), Error, "2");
  assert(/\(task:count%20up\b.*:3:\d+\)/.test(error.stack ?? ""), error.stack);
});

Deno.test("A shipped method named like a global calls the global", () => {
  const { structuredClone: method } = {
    structuredClone(value: unknown) {
      return structuredClone(value);
    },
  };
  assertEquals(shipped(method)([1]), [1]);
});

// ----------------------------------------------------------------------------- what is refused

class Vault {
  #secret = 1;
  static read(vault: Vault): number {
    return vault.#secret;
  }
  reader(): (vault: Vault) => number {
    return (vault) => vault.#secret;
  }
}

const refused: [what: string, fn: unknown, name: string, reason: string, remedy: string][] = [
  ["a native function", Math.max, "max", "native", "wrap it in an arrow function"],
  ["a native constructor", Map, "Map", "native", "wrap it"],
  ["a bound function", declared.bind(null), "declared", "bound", "argument"],
  ["a bound function without a name", (() => {}).bind(null), "(anonymous)", "bound", "argument"],
  ["a proxy of a function", new Proxy(declared, {}), "declared", "native", "wrap it"],
  ["a class", Vault, "Vault", "class", "wrap it in an arrow function with the class inside"],
  ["a class without a name", (() => class {})(), "(anonymous)", "class", "wrap it"],
  ["a derived class", class Sub extends Vault {}, "Sub", "class", "wrap it"],
  ["a generator function", function* values() {}, "values", "generator", "return an array"],
  ["a generator method", { *values() {} }.values, "values", "generator", "return an array"],
  ["an async generator", async function* values() {}, "values", "generator", "return an array"],
  ["a method with a private name", Vault.read, "read", "#secret", "fromModule()"],
  [
    "an arrow function with a private name",
    new Vault().reader(),
    "(anonymous)",
    "#secret",
    "fromModule()",
  ],
  [
    "a function with import.meta",
    () => import.meta.url,
    "(anonymous)",
    "import.meta",
    "fromModule()",
  ],
];

for (const [what, fn, name, reason, remedy] of refused) {
  Deno.test(`functionSource() refuses ${what} with reason and remedy`, () => {
    const error = assertThrows(() => functionSource(fn as TaskFunction), TypeError);
    for (const part of [`Cannot send ${name} `, reason, remedy]) {
      assert(error.message.includes(part), `"${error.message}" does not say "${part}"`);
    }
  });
}

Deno.test("functionSource() refuses and shows other values", () => {
  const values = [[5, "5"], [null, "null"], [undefined, "undefined"], ["f", '"f"'], [{}, "Object"]];
  for (const [value, shown] of values) {
    const error = assertThrows(() => functionSource(value as never), TypeError);
    assert(/must be a function|takes a function/.test(error.message), error.message);
    assert(error.message.includes(shown as string), error.message);
  }
});

for (const name of ["\ud800", "a\nb", "a, b: (c)", "*/", "'\"`", "\u2028", "eval", "let"]) {
  Deno.test(`functionSource() takes a function named ${JSON.stringify(name)}`, () => {
    const fn = { [name]: (n: number) => n * 2 }[name];
    assert(fn?.name === name);
    assertEquals(shipped(fn)(21), 42);
  });
}

Deno.test("functionSource() accepts functions whose name is no string", () => {
  const fn = Object.defineProperty((n: number) => n * 2, "name", { value: 42 });
  assertEquals(shipped(fn)(21), 42);
});

// ----------------------------------------------------------------------------- fromModule

Deno.test("fromModule() names references after their exports", () => {
  const work = fromModule<Work>(WORK_URL);
  assertEquals([work.scale.name, typeof work.scale], ["scale", "function"]);
  assertEquals(String(work.scale), `scale of ${WORK_URL}`);
});

Deno.test("fromModule() gives the same reference each time", () => {
  const work = fromModule<Work>(WORK_URL);
  assertStrictEquals(work.scale, work.scale);
});

Deno.test("fromModule() gives references that cross by URL and name", () => {
  const work = fromModule<Work>(WORK_URL);
  const record = functionSource(work.scale);
  assertEquals(record, { kind: "module", name: "scale", url: WORK_URL });
  assertStrictEquals(functionSource(work.scale), record);
});

Deno.test("fromModule() takes a URL object", () => {
  const work = fromModule<Work>(new URL(WORK_URL));
  assertEquals(functionSource(work.scale), { kind: "module", name: "scale", url: WORK_URL });
});

Deno.test("fromModule() loads nothing before a reference is called", async () => {
  const { work } = fromModule<typeof import("../fixtures/modules/throws.ts")>(THROWS_URL);
  assertEquals(work.name, "work");
  const error = await assertRejects(() => work(), ModuleLoadError);
  assertEquals([error.url, error.exportName], [THROWS_URL, "work"]);
  assert(error.message.includes("thrown at the top level"), error.message);
  assertEquals((error.cause as Error).name, "TypeError");
});

Deno.test("fromModule() may be returned from an async function", async () => {
  const make = async () => await Promise.resolve(fromModule<Work>(WORK_URL));
  const work = await make();
  assertEquals(await work.scale(21), 42);
});

Deno.test("fromModule() has neither then nor symbols", () => {
  const work = fromModule<Work>(WORK_URL) as unknown as Record<string | symbol, unknown>;
  assertEquals(work.then, undefined);
  for (const symbol of [Symbol.iterator, Symbol.asyncIterator, Symbol.toPrimitive, Symbol("x")]) {
    assertEquals(work[symbol], undefined);
  }
});

Deno.test("fromModule() can be shown by the console", () => {
  assertEquals(typeof Deno.inspect(fromModule<Work>(WORK_URL)), "string");
});

Deno.test("A reference of fromModule() can be called in this thread", async () => {
  const { scale, countCalls } = fromModule<Work>(WORK_URL);
  const promise = scale(4);
  assert(promise instanceof Promise);
  assertEquals(await promise, 8);
  const module = await import("../fixtures/modules/work.ts");
  const before = module.countCalls();
  assertEquals(await countCalls(), before + 1);
});

for (const [name, found] of [["absent", "nothing"], ["constant", "type number"]] as const) {
  Deno.test(`A reference to "${name}" rejects with URL and export name`, async () => {
    const work = fromModule<Record<string, () => void>>(WORK_URL);
    const fn = work[name];
    assert(fn !== undefined);
    const error = await assertRejects(() => fn(), ModuleLoadError, found);
    assertEquals([error.name, error.url, error.exportName], ["ModuleLoadError", WORK_URL, name]);
    assert(error.message.includes(name) && error.message.includes(WORK_URL), error.message);
  });
}

Deno.test("A reference of fromModule() rejects for a missing module", async () => {
  const url = import.meta.resolve("../fixtures/modules/not_there.ts");
  const { work } = fromModule<{ work(): void }>(url);
  const error = await assertRejects(() => work(), ModuleLoadError);
  assertEquals([error.url, error.exportName], [url, "work"]);
  assert(error.cause instanceof Error);
});

for (const url of ["./work.ts", "work.ts", "../a/b.ts", "", undefined]) {
  Deno.test(`fromModule() refuses ${JSON.stringify(url)}, which is no absolute URL`, () => {
    const error = assertThrows(() => fromModule(url as string), TypeError, "absolute URL");
    assert(error.message.includes("import.meta.resolve("), error.message);
    assert(error.message.includes(url === undefined ? "undefined" : JSON.stringify(url)));
  });
}
