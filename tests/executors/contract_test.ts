import { ProcessExecutor, SequentialExecutor, WebWorkerExecutor } from "@amltk/scheduling";
import { executorContract, type MakeExecutor } from "@amltk/scheduling/executors/contract";
import { BATCH } from "../fixtures/batch_option.ts";

const executors: Record<string, MakeExecutor> = {
  SequentialExecutor: () => new SequentialExecutor(),
  ProcessExecutor: (workerCount) => new ProcessExecutor(workerCount),
  WebWorkerExecutor: (workerCount) => new WebWorkerExecutor(workerCount, BATCH),
};

for (const [executor, make] of Object.entries(executors)) {
  for (const { name, check } of executorContract) {
    Deno.test(`${executor} ${name}`, () => check(make));
  }
}
