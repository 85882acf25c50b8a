/**
 * Tries a call again that has failed, at most three times and with a pause before each new attempt.
 *
 * Run with `--allow-read --allow-net=127.0.0.1`.
 *
 * @module
 */

import { exponentialBackoff, Retry, Scheduler } from "@amltk/scheduling";

// Stands for a busy service: it refuses the first request for /slow and every request for /down.
const requests = new Map<string, number>();
const service = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
  const { pathname } = new URL(request.url);
  const count = (requests.get(pathname) ?? 0) + 1;
  requests.set(pathname, count);
  const busy = pathname === "/down" || (pathname === "/slow" && count === 1);
  return new Response(`the page ${pathname}`, { status: busy ? 503 : 200 });
});

async function download(url: string): Promise<string> {
  const response = await fetch(url);
  const text = await response.text();
  if (!response.ok) throw new Deno.errors.Http(`status ${response.status}`);
  return text;
}

const scheduler = Scheduler.withWorkers(2);
const task = scheduler.task(download, {
  plugins: new Retry({
    maxAttempts: 3,
    backoff: exponentialBackoff({ initialDelay: 20 }),
    // To ask for a page twice does no harm, and a busy service may answer the next time.
    retryIf: (error) => error instanceof Deno.errors.Http,
  }),
});

scheduler.onStart(async () => {
  const { port } = service.addr;
  const urls = ["/fast", "/slow", "/down"].map((path) => `http://127.0.0.1:${port}${path}`);
  const pages = urls.map((url) => task.submit(url).catch((error) => `gave up: ${error}`));
  console.log((await Promise.all(pages)).join("\n"));
});

// By default a call that fails for good ends the run, even if the program catches its error.
await scheduler.run({ onException: [[Deno.errors.Http, "ignore"]] });
const { submitted, retry, exception } = task.eventCounts;
console.log(`${submitted} calls, ${retry} tried again, ${exception} failed`);
await service.shutdown();
