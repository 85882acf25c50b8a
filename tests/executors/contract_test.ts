import { ProcessExecutor, SequentialExecutor, WebWorkerExecutor } from "@amltk/scheduling";
import { executorContract, type MakeExecutor } from "@amltk/scheduling/executors/contract";
import { BATCH } from "../fixtures/batch_option.ts";

const executors: Record<string, MakeExecutor> = {
  SequentialExecutor: () => new SequentialExecutor(),
  ProcessExecutor: (workerCount) => new ProcessExecutor(workerCount),
  WebWorkerExecutor: (workerCount) => new WebWorkerExecutor(workerCount, BATCH),
};
const withOutput: Record<string, MakeExecutor> = {
  ProcessExecutor: (workerCount) => new ProcessExecutor(workerCount, { output: "event" }),
  WebWorkerExecutor: (workerCount) =>
    new WebWorkerExecutor(workerCount, { ...BATCH, output: "event" }),
};

for (const [executor, make] of Object.entries(executors)) {
  for (const { name, check } of executorContract) {
    Deno.test(`${executor} ${name}`, () => check(make));
  }
}

for (const [executor, make] of Object.entries(withOutput)) {
  for (const { name, check } of executorContract) {
    Deno.test(`${executor} with output as events ${name}`, () => check(make));
  }
}
