import { ProcessExecutor, SequentialExecutor, WebWorkerExecutor } from "@amltk/scheduling";
import { executorContract, type MakeExecutor } from "@amltk/scheduling/executors/contract";

const executors: Record<string, MakeExecutor> = {
  SequentialExecutor: () => new SequentialExecutor(),
  ProcessExecutor: (workerCount) => new ProcessExecutor(workerCount),
  WebWorkerExecutor: (workerCount) => new WebWorkerExecutor(workerCount),
};

for (const [executor, make] of Object.entries(executors)) {
  for (const { name, check } of executorContract) {
    Deno.test(`${executor} ${name}`, () => check(make));
  }
}
