/**
 * The program that runs the calls of other machines:
 * `deno run … jsr:@amltk/scheduling@^0.1/nats-worker --servers nats://broker:4222 --queue train`.
 *
 * SIGTERM, however often it comes, makes it take no more calls and end when those that run have ended. So does
 * Ctrl-C; a further Ctrl-C ends these as well. `--help` lists its options.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a program for the terminal

import { parseArgs } from "node:util";
import { type NatsWorkerOptions, serveNats } from "./nats_worker.ts";
import { credentialsFrom } from "./_remote/credentials.ts";

const USAGE = `Runs the calls of a queue.

  --servers ADDRESSES  the NATS servers, with commas between (nats://127.0.0.1:4222)
  --queue NAME         the queue (required)
  --workers N          how many calls run at a time (as many as this machine has cores)
  --processes          run calls in child processes, not in Web Workers
  --memory SIZE        the memory cap of each process, such as 2GB
  --permissions JSON   what calls may do, such as '{"read":["/data"]}' or none (what this program may)
  --unstable-worker-options
                       Deno was started with this flag, which --permissions need without --processes
  --code-version TEXT  serve only schedulers with the same code version
  --functions KIND     all, or modules: refuse functions that cross as source text (all)
  --idle-exit SECONDS  end after so long without a call (never)
  --name TEXT          what the scheduler's statistics call this machine
  --creds FILE         a file of credentials (JWT and seed)
  --nkey FILE          a file with the seed of a key
  --user NAME          a user, with --password-file
  --password-file FILE a file with the password of the user
  --tls-ca FILE        the certificates to trust, for servers with certificates of your own
  --inbox-prefix TEXT  the prefix of the subjects on which the server lets this user hear answers`;

const text = { type: "string" } as const;
const OPTIONS = {
  "servers": text,
  "queue": text,
  "workers": text,
  "processes": { type: "boolean" },
  "memory": text,
  "permissions": text,
  "unstable-worker-options": { type: "boolean" },
  "code-version": text,
  "functions": text,
  "idle-exit": text,
  "name": text,
  "creds": text,
  "nkey": text,
  "user": text,
  "password-file": text,
  "tls-ca": text,
  "inbox-prefix": text,
  "help": { type: "boolean" },
} as const;

if (import.meta.main) await main(Deno.args);

async function main(args: string[]): Promise<void> {
  try {
    const { values } = parseArgs({ args, options: OPTIONS });
    if (values.help) return console.log(USAGE);
    // The last line must be out before the exit.
    await serveNats({ ...await optionsOf(values), signal: stopSignal(), log: console.error });
    Deno.exit(0);
  } catch (error) {
    console.error(`nats-worker: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"];

async function optionsOf(values: Values): Promise<NatsWorkerOptions> {
  const { workers, permissions } = values;
  const idleExit = values["idle-exit"];
  return {
    connect: await credentialsFrom(values),
    queue: required("--queue NAME", values.queue),
    workers: workers === undefined ? undefined : toNumber("--workers", workers),
    processes: values.processes,
    memory: values.memory,
    permissions: permissions === undefined ? undefined : toPermissions(permissions),
    unstableWorkerOptions: values["unstable-worker-options"],
    codeVersion: values["code-version"],
    functions: values.functions as NatsWorkerOptions["functions"],
    idleExit: idleExit === undefined ? undefined : toNumber("--idle-exit", idleExit) * 1_000,
    name: values.name,
  };
}

function required(option: string, value: string | undefined): string {
  if (value !== undefined) return value;
  throw new TypeError(`${option} is missing; --help lists the options`);
}

function toNumber(option: string, value: string): number {
  const number = Number(value);
  if (value.trim() !== "" && Number.isFinite(number)) return number;
  throw new TypeError(`${option} takes a number, not "${value}"`);
}

function toPermissions(value: string): NatsWorkerOptions["permissions"] {
  if (value === "none") return "none";
  try {
    return JSON.parse(value);
  } catch {
    throw new TypeError(
      `--permissions takes none or JSON such as {"read":["/data"]}, not ${value}`,
    );
  }
}

/** Aborted by the first signal to end; a SIGINT after that ends the program. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  // A job system sends it more than once: to drain the job, and before its walltime. Windows has none.
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", () => stop.abort());
  Deno.addSignalListener("SIGINT", () => {
    if (stop.signal.aborted) Deno.exit(1);
    stop.abort();
  });
  return stop.signal;
}
