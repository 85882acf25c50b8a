/** A program that uses a checkout type checks the sources with its own compiler options. @module */

import { assert } from "@std/assert";
import { checkTypes } from "../fixtures/check_types.ts";

const PROGRAM = `
import { Limiter, Scheduler } from "@amltk/scheduling";
import { executorContract } from "@amltk/scheduling/executors/contract";

const scheduler = Scheduler.withWorkers(1);
const task = scheduler.task((n: number) => n * 2, { plugins: new Limiter({ maxCalls: 2 }) });
scheduler.onStart(async () => {
  const doubled: number | undefined = await task.submit(21);
  console.log(doubled, executorContract.length);
});
await scheduler.run();
`;

const options: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "the types of a browser": { lib: ["dom", "dom.iterable", "deno.ns"] },
  "the types of a worker": { lib: ["deno.worker"] },
  "strict: false": { strict: false },
  "no strict null checks": { strictNullChecks: false },
  "every check that there is": {
    strict: true,
    erasableSyntaxOnly: true,
    exactOptionalPropertyTypes: true,
    isolatedDeclarations: true,
    noFallthroughCasesInSwitch: true,
    noImplicitOverride: true,
    noImplicitReturns: true,
    noPropertyAccessFromIndexSignature: true,
    noUncheckedIndexedAccess: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    verbatimModuleSyntax: true,
  },
};

for (const [what, compilerOptions] of Object.entries(options)) {
  Deno.test(`The package has no errors under ${what}`, async () => {
    const { compiles, errors } = await checkTypes(PROGRAM, compilerOptions);
    assert(compiles, errors);
  });
}
