/**
 * Repeats a call that has failed, at most three times and with a pause before each new attempt.
 *
 * Run with `--allow-read --allow-net=127.0.0.1`.
 *
 * @module
 */

import { Scheduler } from "@amltk/scheduling";

const MAX_ATTEMPTS = 3;

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
const task = scheduler.task(download);

async function downloadWithRetry(url: string): Promise<string> {
  for (let attempt = 1;; attempt++) {
    try {
      return await task.submit(url);
    } catch (error) {
      // Without a bound, a service that is down would be asked for ever.
      if (attempt === MAX_ATTEMPTS) return `gave up after ${attempt} attempts: ${error}`;
      await new Promise((resolve) => setTimeout(resolve, 10 * 2 ** attempt));
    }
  }
}

scheduler.onStart(async () => {
  const { port } = service.addr;
  const urls = ["/fast", "/slow", "/down"].map((path) => `http://127.0.0.1:${port}${path}`);
  const pages = await Promise.all(urls.map(downloadWithRetry));
  console.log(pages.join("\n"));
});

// By default the first failed call ends the run, even if the program catches its error.
await scheduler.run({ onException: [[Deno.errors.Http, "ignore"]] });
console.log(`${task.eventCounts.exception} of ${task.eventCounts.submitted} attempts failed`);
await service.shutdown();
