/** The server and the workers that the rows of NATS share. They start with the first of these rows. @module */

import { NatsServer } from "../../tests/fixtures/nats_server.ts";
import { NatsWorker } from "../../tests/fixtures/nats_worker.ts";

/** The queue of the workers. */
export const QUEUE = "bench";

// Data is shared with so many programs, of which one serves all other rows.
const PROGRAMS = 4;

/** A running server. */
export interface Site {
  readonly address: string;
  /** Starts programs with one worker each, up to this number; the first run has the first of them alone. */
  startPrograms(count: number): Promise<void>;
}

let site: Promise<Site> | undefined;

/** The server, with one worker program. */
export function natsSite(): Promise<Site> {
  return site ??= start();
}

async function start(): Promise<Site> {
  const server = await NatsServer.start();
  const workers: NatsWorker[] = [];
  globalThis.addEventListener("unload", () => {
    for (const worker of workers) end(() => worker.kill("SIGKILL"));
    end(() => server.endNow());
  });
  const startPrograms = async (count: number) => {
    while (workers.length < Math.min(count, PROGRAMS)) {
      workers.push(await startWorker(server.address, QUEUE));
    }
  };
  await startPrograms(1);
  return { address: server.address, startPrograms };
}

/** Starts a program with one worker. */
export function startWorker(address: string, queue: string): Promise<NatsWorker> {
  return NatsWorker.start("--servers", address, "--queue", queue, "--workers", "1");
}

function end(kill: () => void): void {
  try {
    kill();
  } catch {
    // It has ended.
  }
}
