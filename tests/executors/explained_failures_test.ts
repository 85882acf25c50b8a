/**
 * Functions that work in their program and fail in a worker: the error keeps its message and adds the
 * reason and the remedy.
 *
 * @module
 */

import { fromModule, Scheduler, type TaskFunction } from "@amltk/scheduling";
import { assert, assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";
import { failureOf, type Make } from "../fixtures/failure_of.ts";
import { decorated } from "../fixtures/modules/decorated.ts";

interface Case {
  readonly fn: TaskFunction;
  readonly args?: readonly unknown[];
  readonly type?: new () => Error;
  /** The first words of the message, which are the platform's. */
  readonly begins: string;
  /** Further words of the message. */
  readonly says: readonly string[];
}

const executors: Record<string, Make> = {
  workers: (count) => Scheduler.withWorkers(count, BATCH),
  processes: (count) => Scheduler.withProcesses(count, BATCH),
};

function testFailures(cases: Readonly<Record<string, Case>>, kinds: readonly string[]): void {
  for (const kind of kinds) {
    for (const [what, { fn, args = [], type = TypeError, begins, says }] of Object.entries(cases)) {
      Deno.test(`${kind}: ${what}`, async () => {
        const error = await failureOf(executors[kind] as Make, fn, ...args);
        assertInstanceOf(error, type);
        assert(error.message.startsWith(begins), error.message);
        for (const part of says) assertStringIncludes(error.message, part);
        // The console prints the stack.
        assertStringIncludes(error.stack ?? "", error.message);
      });
    }
  }
}

// --------------------------------------------------------------------- what is around a function

const double = (n: number) => n * 2;
const Model = class {
  depth = 0;
};
const model = { depth: 3, rows: [1], predict: (n: number) => n };
const factor = 2;

/** Functions by the name of something else that they use. */
const wrappers: Readonly<Record<string, TaskFunction>> = {
  "an arrow function": { double: (n: number): number => double(n) }.double,
  "an arrow function with a block": {
    double: (n: number): number => {
      // double(n) of the program
      const doubled = double(n);
      return doubled;
    },
  }.double,
  "an async arrow function":
    { double: async (n: number): Promise<number> => await double(n) }.double,
  "a function expression": {
    double: function (n: number): number {
      return double(n);
    },
  }.double,
  "a method": {
    double(n: number): number {
      return double(n);
    },
  }.double,
  "an async method": {
    async double(n: number): Promise<number> {
      return await double(n);
    },
  }.double,
  "a static method": class {
    static double(n: number): number {
      return double(n);
    }
  }.double,
  "a getter": Object.getOwnPropertyDescriptor({
    get double(): number {
      return double(4);
    },
  }, "double")?.get as TaskFunction,
  "a named function expression": function twice(n: number): number {
    return double(n);
  },
};

const missing = {
  begins: "double is not defined in the worker: ",
  says: ["crossed as source text", "fromModule()"],
  type: ReferenceError,
};

testFailures(
  Object.fromEntries(
    Object.entries(wrappers).map((
      [shape, fn],
    ) => [`${shape} that wraps one of its name does not call itself`, {
      fn,
      args: [4],
      ...missing,
    }]),
  ),
  ["workers", "processes"],
);

testFailures({
  "an arrow function does not take itself for the class of its name": {
    fn: { Model: () => new Model().depth }.Model,
    type: ReferenceError,
    begins: "Model is not defined in the worker",
    says: ["fromModule()"],
  },
  "an arrow function does not take itself for the object of its name": {
    fn: { model: (n: number) => model.predict(n) }.model,
    args: [1],
    type: ReferenceError,
    begins: "model is not defined in the worker",
    says: ["fromModule()"],
  },
  "an arrow function does not take itself for the number of its name": {
    fn: { factor: (n: number) => n * factor }.factor,
    args: [1],
    type: ReferenceError,
    begins: "factor is not defined in the worker",
    says: ["fromModule()"],
  },
  "a function that calls itself too often says what its name means": {
    fn: { double: (n: number): number => n > 0 ? double(n) : 0 }.double,
    args: [1],
    type: RangeError,
    begins: "Maximum call stack size exceeded\n",
    says: ["By double the function means itself", "fromModule()"],
  },
}, ["workers"]);

// --------------------------------------------------------------------- helpers of compilers

/** A function with the text that a compiler emits. */
function compiled(text: string): TaskFunction {
  return new Function(`return ${text};`) as TaskFunction;
}

function named(variable: string, text: string, ...says: string[]): Case {
  const begins = `${variable} is not defined in the worker: anonymous crossed as source text`;
  return { fn: compiled(text), type: ReferenceError, begins, says: [...says, "use fromModule()"] };
}

testFailures({
  "a function with decorators names its compiler's helper": {
    fn: decorated,
    type: ReferenceError,
    begins: "_apply_decs_2203_r is not defined in the worker: decorated crossed as source text",
    says: [
      "helpers that the compiler puts beside it for syntax such as decorators",
      "use fromModule()",
    ],
  },
}, ["workers", "processes"]);

testFailures(
  Object.fromEntries([
    ...["_class_private_field_get(1)", "_ts_decorate([])", "__decorate([])", "__name(1)"].map(
      (text): [string, Case] => {
        const variable = text.slice(0, text.indexOf("("));
        return [
          `${variable} is named as a helper of a compiler`,
          named(variable, text, "decorators"),
        ];
      },
    ),
    ...[
      "_jsx('a')",
      "jsx('a')",
      "_jsxDEV('a')",
      "_jsxTemplate($$_tpl_1)",
      "React.createElement('a')",
    ]
      .map((text): [string, Case] => {
        const variable = /^\w+/.exec(text)?.[0] ?? "";
        return [`${variable} is named as part of JSX`, named(variable, text, "JSX")];
      }),
    ["h() of an element is named as part of JSX", named("h", 'h("div", null)', "JSX")],
  ]),
  ["workers"],
);

for (const variable of ["__dirname", "_factor", "h", "jsonx"]) {
  testFailures({
    [`${variable} is named as a variable`]: named(
      variable,
      variable,
      `pass ${variable} as an argument`,
    ),
  }, ["workers"]);
}

// --------------------------------------------------------------------- what workers lack

testFailures(
  Object.fromEntries(
    ["prompt", "confirm", "alert", "localStorage", "window"].map((name): [string, Case] => [
      `${name} is named as part of the main thread`,
      {
        fn: new Function(`return ${name}.toString()`) as TaskFunction,
        type: ReferenceError,
        begins: `${name} is not defined in the worker: workers have no ${name}`,
        says: ["pass what it gives", "as an argument"],
      },
    ]),
  ),
  ["workers"],
);

testFailures({
  "prompt in a function of a module is named as part of the main thread": {
    fn: fromModule<{ ask(): string }>("data:text/javascript,export const ask = () => prompt('?');")
      .ask,
    type: ReferenceError,
    begins: "prompt is not defined in the worker: workers have no prompt",
    says: ["as an argument"],
  },
}, ["workers"]);

// --------------------------------------------------------------------- methods

class Tree {
  depth = 3;
  static base = 1;
  predict(): number {
    return this.depth;
  }
  grow(): void {
    this.depth = 4;
  }
  static lift(): number {
    return this.base;
  }
  get later(): () => number {
    return () => this.depth;
  }
  *[Symbol.iterator](): Iterator<number> {
    yield this.depth;
  }
}

const NO_THIS = ["Methods have no `this`", "pass what they need as an argument"];
const PLAIN = ["Class instances arrive as plain objects", "make the instance inside"];

testFailures({
  "a method that reads `this` says that there is none": {
    fn: Tree.prototype.predict,
    begins: "Cannot read properties of undefined (reading 'depth')\n",
    says: NO_THIS,
  },
  "a method of an instance that is an argument is named as missing": {
    fn: (tree: Tree) => tree.predict(),
    args: [new Tree()],
    begins: "tree.predict is not a function\n",
    says: PLAIN,
  },
}, ["workers", "processes"]);

testFailures({
  "a method that writes `this` says that there is none": {
    fn: Tree.prototype.grow,
    begins: "Cannot set properties of undefined (setting 'depth')\n",
    says: NO_THIS,
  },
  "a static method says that it has no `this`": {
    fn: Tree.lift,
    begins: "Cannot read properties of undefined (reading 'base')\n",
    says: NO_THIS,
  },
  "an arrow function of a class says that it has no `this`": {
    fn: new Tree().later,
    begins: "Cannot read properties of undefined (reading 'depth')\n",
    says: NO_THIS,
  },
  "a method of an instance inside an argument is named as missing": {
    fn: ({ trees }: { trees: Tree[] }) => trees[0]?.predict(),
    args: [{ trees: [new Tree()] }],
    begins: "trees[0]?.predict is not a function\n",
    says: PLAIN,
  },
  "a method of an instance in a Map is named as missing": {
    fn: (trees: Map<string, Tree>) => trees.get("a")?.predict(),
    args: [new Map([["a", new Tree()]])],
    begins: "trees.get(...)?.predict is not a function\n",
    says: PLAIN,
  },
  "an async function names the missing method": {
    fn: async (tree: Tree) => {
      await Promise.resolve();
      return tree.predict();
    },
    args: [new Tree()],
    begins: "tree.predict is not a function\n",
    says: PLAIN,
  },
  "an instance says why it is no longer iterable": {
    fn: (tree: Tree) => [...tree],
    args: [new Tree()],
    begins: "",
    says: ["is not iterable", ...PLAIN],
  },
  "a method of a shared instance is named as missing": {
    fn: (tree: Tree) => tree.predict(),
    args: [Scheduler.withWorkers(1, BATCH).share(new Tree())],
    begins: "tree.predict is not a function\n",
    says: PLAIN,
  },
}, ["workers"]);

Deno.test("workers: an initializer names the outer variable it lacks", async () => {
  const scheduler = Scheduler.withWorkers(1, {
    initializer: () => {
      double(1);
    },
  });
  scheduler.onStart(() => {
    scheduler.submit(() => 1);
  });
  const { cause } = await scheduler.run().catch((error) => error);
  assertInstanceOf(cause, ReferenceError);
  assertStringIncludes(
    cause.message,
    "double is not defined in the worker: initializer crossed as",
  );
});

Deno.test("explainFailure() adds nothing to errors unrelated to workers", async () => {
  const failures: [fn: TaskFunction, message: string, ...args: unknown[]][] = [
    // deno-lint-ignore no-explicit-any -- a mistake that types would catch
    [(rows: any) => rows.mapp(String), "rows.mapp is not a function", [1, 2]],
    // deno-lint-ignore no-explicit-any -- a mistake that types would catch
    [(day: any) => day.year(), "day.year is not a function", new Date(0)],
    // deno-lint-ignore no-explicit-any -- a mistake that types would catch
    [(xs: any) => xs.sum(), "xs.sum is not a function", new Map([[1, new Uint8Array(1)]])],
    // deno-lint-ignore no-explicit-any -- a mistake that types would catch
    [(row: any) => row.a.b, "Cannot read properties of undefined (reading 'b')", {}],
    [
      () => JSON.parse("{"),
      "Expected property name or '}' in JSON at position 1 (line 1 column 2)",
    ],
    [() => {
      throw new RangeError("Module not found");
    }, "Module not found"],
  ];
  for (const [fn, message, ...args] of failures) {
    const error = await failureOf(executors.workers as Make, fn, ...args);
    assertEquals((error as Error).message, message);
  }
});

// --------------------------------------------------------------------- imports

const IMPORT = [
  "not resolved from your file",
  "fromModule()",
  "absolute URL",
  "import.meta.resolve()",
];

testFailures({
  "a relative import names the remedy": {
    fn: () => import("./not_there.ts" as string),
    begins: "Module not found ",
    says: IMPORT,
  },
  "an import of a bare name that nothing resolves names the remedy": {
    fn: () => import("no-such-name" as string),
    begins: 'Import "no-such-name" not a dependency',
    says: IMPORT,
  },
}, ["workers", "processes"]);

testFailures({
  "an import relative to the parent folder names the remedy": {
    fn: () => import("../not_there.ts" as string),
    begins: "Module not found ",
    says: IMPORT,
  },
  "an import relative to the root names the remedy": {
    fn: () => import("/not_there.ts" as string),
    begins: "Module not found ",
    says: IMPORT,
  },
  "a relative import by an argument names the remedy": {
    fn: (url: string) => import(url),
    args: ["./not_there.ts"],
    begins: "Module not found ",
    says: IMPORT,
  },
}, ["workers"]);
