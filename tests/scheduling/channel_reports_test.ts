// What the scheduler makes of the reports of an executor that carries messages.
import { type Call, Comm, type MessageToCall, Scheduler, type WorkerComm } from "@amltk/scheduling";
import { assertEquals } from "@std/assert";
import { ManualExecutor } from "../fixtures/manual_executor.ts";
import { traceOf } from "../fixtures/trace.ts";

/** Starts its calls at once, and keeps what is sent to them. */
class TalkingExecutor extends ManualExecutor {
  override readonly features = ["comm"] as const;
  readonly sent: MessageToCall[] = [];

  override submit(call: Call): void {
    super.submit(call);
    call.started();
    call.channel?.open((message) => this.sent.push(message));
    this.talk(call);
  }

  /** What a call sends while the executor takes it. */
  talk(_call: Call): void {}
}

function talk(_comm: WorkerComm<{ sent: number }>): void {}

Deno.test("A call is asked to end once, with the first reason", async () => {
  const executor = new TalkingExecutor();
  const scheduler = new Scheduler(executor);
  const task = scheduler.task(talk, { plugins: new Comm() });
  task.on("comm-open", (future) => {
    future.cancel({ grace: 60_000, reason: "the first" });
    scheduler.stop();
  });
  scheduler.onFinishing(() => void setTimeout(() => executor.calls[0]?.succeed(1), 0));
  scheduler.onStart(() => void task.submit());
  await scheduler.run({ wait: 60_000 });
  assertEquals(executor.sent, [{ type: "abort", reason: "the first" }]);
});

Deno.test("Messages after one that stops the run follow finishing", async () => {
  class ChattyExecutor extends TalkingExecutor {
    override talk({ channel }: Call): void {
      for (const data of [1, 2]) channel?.receive({ type: "message", data });
    }
  }
  const executor = new ChattyExecutor();
  const scheduler = new Scheduler(executor);
  const task = scheduler.task(talk, { name: "talk", plugins: new Comm() });
  const trace = traceOf(scheduler, task);
  task.on("comm-message", (_future, data) => {
    if (data === 1) scheduler.stop();
    else executor.calls[0]?.succeed(undefined);
  });
  scheduler.onStart(() => void task.submit());
  await scheduler.run();
  const rest = trace.slice(trace.indexOf("talk comm-message"));
  assertEquals(rest.slice(0, 4), [
    "talk comm-message",
    "stop",
    "finishing",
    "talk comm-message",
  ]);
});
