// Runs a call in the worker of a queue, on the server that its argument names.
// deno-lint-ignore-file no-console -- read by the test
import { Scheduler } from "@amltk/scheduling";
import { NatsExecutor } from "@amltk/scheduling/executors/nats";

const [connect = ""] = Deno.args;
const scheduler = new Scheduler(new NatsExecutor({ connect, queue: "consumers" }));
const task = scheduler.task((n: number) => `${n * 2} by ${Deno.pid}`);
scheduler.onStart(async () => console.log(await task.submit(21)));
await scheduler.run();
