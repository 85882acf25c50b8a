/** A server, three programs with workers and a way to the server that can be cut. @module */

import { NatsServer } from "../../../tests/fixtures/nats_server.ts";
import { NatsWorker } from "../../../tests/fixtures/nats_worker.ts";
import type { Disturbance, DisturbanceName } from "./disturbances.ts";
import { Proxy } from "./proxy.ts";

/** The programs by the arguments that they have beside queue and server. Only the last is never disturbed. */
const PROGRAMS: readonly (readonly string[])[] = [
  ["--workers", "2"],
  ["--workers", "2", "--processes"],
  ["--workers", "2"],
];
/** How many of the programs may be stopped and killed. */
export const VICTIMS = 2;

const QUEUE = "chaos";
// Inherited by all that the fleet starts.
const MARK = "AMLTK_CHAOS_FLEET";
const LOOK_MS = 50;
const GONE_TRIES = 1_200;
const MAX_DRAIN_MS = 45_000;

type Disturb = (disturbance: Disturbance) => Promise<void>;

/** All programs of a run but the scheduler. */
export class Fleet {
  readonly proxy: Proxy;
  readonly #server: NatsServer;
  readonly #mark: string;
  readonly #workers: NatsWorker[];
  #isOver = false;
  // Those that were stopped or killed at some time.
  readonly #disturbed = new Set<number>();
  readonly #ways: Readonly<Record<DisturbanceName, Disturb>> = {
    "worker stopped": (disturbance) => this.#stopWorker(disturbance),
    "worker stopped for long": (disturbance) => this.#stopWorker(disturbance),
    "worker killed and replaced": (disturbance) => this.#replaceWorker(disturbance),
    "server killed and restarted": (disturbance) => this.#restartServer(disturbance),
    "connection cut": ({ duration }) => this.proxy.cut(duration),
    "connection frozen": ({ duration }) => this.proxy.freeze(duration),
    "scheduler blocked": ({ duration }) => Promise.resolve(block(duration)),
  };

  /** Starts everything. */
  static async start(): Promise<Fleet> {
    const mark = crypto.randomUUID();
    Deno.env.set(MARK, mark);
    const server = await NatsServer.start();
    const workers = await Promise.all(
      PROGRAMS.map((args) => NatsWorker.start(...argumentsFor(server, args))),
    );
    return new Fleet(mark, server, workers);
  }

  private constructor(mark: string, server: NatsServer, workers: NatsWorker[]) {
    this.#mark = mark;
    this.#server = server;
    this.#workers = workers;
    this.proxy = new Proxy(server.port);
  }

  /** The queue of its workers. */
  get queue(): string {
    return QUEUE;
  }

  /** The address of the server, without the proxy. */
  get address(): string {
    return this.#server.address;
  }

  /** Whether a program was stopped or killed at some time. */
  wasDisturbed(pid: number): boolean {
    return this.#disturbed.has(pid);
  }

  /** Does it, and resolves when it is over. */
  async disturb(disturbance: Disturbance): Promise<void> {
    await this.#ways[disturbance.name](disturbance);
  }

  /** Tells the programs with workers to end; returns what went wrong. */
  async end(): Promise<string[]> {
    const wrong: string[] = [];
    for (const worker of this.#workers) {
      worker.kill("SIGTERM");
      // Ends it when its calls never do.
      const timer = setTimeout(() => worker.kill("SIGKILL"), MAX_DRAIN_MS);
      const { code } = await worker.ended();
      clearTimeout(timer);
      if (code !== 0) wrong.push(`worker ${worker.pid} ended with ${code}: ${worker.output}`);
    }
    await this[Symbol.asyncDispose]();
    return [...wrong, ...await leftBehind(this.#mark)];
  }

  /** Ends all programs at once, if they still run. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const worker of this.#workers) await worker[Symbol.asyncDispose]();
    this.proxy.close();
    await this.#server[Symbol.asyncDispose]();
    Deno.env.delete(MARK);
  }

  async #stopWorker({ worker: place, duration }: Disturbance): Promise<void> {
    const worker = this.#workers[place] as NatsWorker;
    this.#disturbed.add(worker.pid);
    worker.kill("SIGSTOP");
    await sleep(duration);
    worker.kill("SIGCONT");
  }

  async #replaceWorker({ worker: place, duration }: Disturbance): Promise<void> {
    const worker = this.#workers[place] as NatsWorker;
    this.#disturbed.add(worker.pid);
    worker.kill("SIGKILL");
    await worker.ended();
    await sleep(duration);
    const args = argumentsFor(this.#server, PROGRAMS[place] ?? []);
    this.#workers[place] = await NatsWorker.start(...args);
  }

  async #restartServer({ duration }: Disturbance): Promise<void> {
    await this.#server.kill();
    await sleep(duration);
    await this.#server.restart();
  }
}

function argumentsFor({ address }: NatsServer, args: readonly string[]): string[] {
  return ["--servers", address, "--queue", QUEUE, ...args];
}

function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** What the fleet has started and is still there after some time. */
async function leftBehind(mark: string): Promise<string[]> {
  for (let tries = 0; tries < GONE_TRIES && marked(mark).length > 0; tries++) await sleep(LOOK_MS);
  return marked(mark);
}

function marked(mark: string): string[] {
  const pids = [...Deno.readDirSync("/proc")].map(({ name }) => name).filter((name) =>
    /^\d+$/.test(name)
  );
  return pids.filter((pid) => isMarked(pid, mark)).map((pid) => `process ${pid}`);
}

function isMarked(pid: string, mark: string): boolean {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/environ`).includes(`${MARK}=${mark}`);
  } catch {
    // It has ended since, or is not ours.
    return false;
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
