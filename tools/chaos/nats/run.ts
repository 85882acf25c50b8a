/** One run on the workers of a NATS server, while these, the server and the network are disturbed. @module */

import { Scheduler } from "@amltk/scheduling";
import { NatsExecutor } from "@amltk/scheduling/executors/nats";
import { type ChaosReport, runChaos } from "../run.ts";
import { disturbances, LOST_AFTER } from "./disturbances.ts";
import { Fleet, VICTIMS } from "./fleet.ts";
import { disturbedKinds } from "./kinds.ts";
import { Starts } from "./starts.ts";
import { leftOnServer } from "./stream.ts";

/** The options of a run. */
export interface NatsChaosOptions {
  readonly tasks: number;
  readonly seed: number;
  /** How many milliseconds the loop of the scheduler is blocked. */
  readonly block: number;
  /** Milliseconds within which the run must end. */
  readonly deadline: number;
}

/** The report of a run. */
export interface NatsChaosReport extends ChaosReport {
  /** The disturbances, with the times at which they began, in seconds. */
  readonly disturbed: readonly string[];
}

/** Runs the tasks, disturbs them, and counts their outcomes. */
export async function runNatsChaos(options: NatsChaosOptions): Promise<NatsChaosReport> {
  const folder = await Deno.makeTempDir();
  const fleet = await Fleet.start();
  try {
    const starts = new Starts(`${folder}/starts`);
    const report = await runDisturbed(fleet, starts, options);
    const left = [...report.left, ...await leftOnServer(fleet.address, fleet.queue)];
    const duplicated = [...report.duplicated, ...startedTwice(starts)];
    return { ...report, left: [...left, ...await fleet.end()], duplicated };
  } finally {
    await fleet[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  }
}

async function runDisturbed(
  fleet: Fleet,
  starts: Starts,
  options: NatsChaosOptions,
): Promise<NatsChaosReport> {
  const isExplained = (n: number) => {
    const pids = starts.read().get(n)?.flatMap(({ pids }) => pids);
    return pids === undefined || pids.some((pid) => fleet.wasDisturbed(pid));
  };
  const kinds = disturbedKinds(starts, isExplained);
  const make = () => schedulerOf(fleet);
  let isOver = false;
  const disturbing = disturbUntil(() => isOver, fleet, options);
  const report = await runChaos({ executor: "nats", kinds, batch: "adaptive", make, ...options });
  isOver = true;
  return { ...report, disturbed: await disturbing };
}

function schedulerOf({ proxy, queue }: Fleet): Scheduler {
  const connect = `nats://127.0.0.1:${proxy.port}`;
  return new Scheduler(new NatsExecutor({ connect, queue, lostAfter: LOST_AFTER }));
}

async function disturbUntil(
  isOver: () => boolean,
  fleet: Fleet,
  { seed, block }: NatsChaosOptions,
): Promise<NatsChaosReport["disturbed"]> {
  const begin = performance.now();
  const disturbed: string[] = [];
  for (const disturbance of disturbances(seed, VICTIMS, block)) {
    await new Promise((resolve) => setTimeout(resolve, disturbance.pause));
    if (isOver()) break;
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    const { name, worker, duration } = disturbance;
    disturbed.push(`${seconds} s: ${name}, ${duration} ms, worker ${worker}`);
    await fleet.disturb(disturbance);
  }
  return disturbed;
}

// Retried functions count their attempts on their own: they are of a module, and write no lines.
function startedTwice(starts: Starts): string[] {
  return [...starts.read()].filter(([, each]) => each.length > 1)
    .map(([n, each]) => `task ${n} started ${each.length} times`);
}
