/**
 * A web server that computes in a pool of workers, so that it keeps answering meanwhile.
 *
 * Run with `--allow-read --allow-net`, open http://127.0.0.1:8000/?n=30, and end it with Ctrl-C.
 *
 * @module
 */

import { Scheduler } from "@amltk/scheduling";

// Slow on purpose.
function fibonacci(n: number): number {
  if (n > 40) throw new RangeError(`${n} takes too long`);
  const compute = (k: number): number => k < 2 ? k : compute(k - 1) + compute(k - 2);
  return compute(n);
}

const scheduler = Scheduler.withWorkers();
const task = scheduler.task(fibonacci);

async function handle(request: Request): Promise<Response> {
  const n = Number(new URL(request.url).searchParams.get("n"));
  if (!Number.isInteger(n) || n < 1) {
    return new Response("n must be a positive integer\n", { status: 400 });
  }
  try {
    return new Response(`${await task.submit(n)}\n`);
  } catch (error) {
    // After Ctrl-C, calls are cancelled and submit() throws.
    if (!scheduler.running) return new Response("The server is shutting down\n", { status: 503 });
    return new Response(`${error}\n`, { status: 500 });
  }
}

// The port is the first argument. 0 means any free port.
const port = Number(Deno.args[0] ?? 8000);
const server = Deno.serve({ hostname: "127.0.0.1", port }, handle);

// The program waits for an async callback of this event, even after Ctrl-C.
scheduler.onFinished(async () => {
  await server.shutdown();
  console.log(`Requests answered: ${task.eventCounts.result}`);
});

// The pool stays open while there is nothing to do, and after a call has failed: its request is
// answered with the error. Ctrl-C ends the pool, and then the program.
await scheduler.run({ endOnEmpty: false, handleSignals: true, onException: { tasks: "ignore" } });
