/**
 * Kills a child process from a second thread, because the main one may never yield: when the parent has
 * ended, or when a call exceeds a limit.
 *
 * @module
 */

import process from "node:process";
import type { CallLimits } from "../../scheduling/limits.ts";
import { LIMIT_SIGNALS } from "../_wire/protocol.ts";

const PARENT_INTERVAL_MS = 200;
// The time for an idle orphan to call its closing listeners and exit, in steps: a stall of the machine, which
// stalls the main thread too, takes one of them.
const ORPHAN_STEPS = 10;
const ORPHAN_STEP_MS = 50;
const LIMIT_INTERVAL_MS = 10;
// Replaces the number of a call that has exceeded a limit, before the process is killed.
const CONDEMNED = -1;

// A data URL, which needs no permission to load. Killing the own process needs none either, but killing
// its group needs permission to run every program.
const WATCHDOG = `
  const kill = (signal) => process.kill(process.pid, signal);
  function killOrphan() {
    const nothing = new Int32Array(new SharedArrayBuffer(4));
    for (let step = 0; step < ${ORPHAN_STEPS}; step++) Atomics.wait(nothing, 0, 0, ${ORPHAN_STEP_MS});
    try {
      process.kill(-process.pid, "SIGKILL");
    } catch {
      kill("SIGKILL");
    }
  }
  function watch({ parent, call, most }) {
    for (;;) {
      const current = Atomics.load(call, 0);
      Atomics.wait(call, 0, current, current === 0 ? ${PARENT_INTERVAL_MS} : ${LIMIT_INTERVAL_MS});
      if (Deno.ppid !== parent) killOrphan();
      if (current === 0) continue;
      const { user, system } = process.cpuUsage();
      const cpuTime = user + system > most[0];
      const memory = Deno.memoryUsage().rss > most[1];
      if (!cpuTime && !memory) continue;
      // The measurement counts only if the call is still running. Then no other can start.
      if (Atomics.compareExchange(call, 0, current, ${CONDEMNED}) !== current) continue;
      kill(cpuTime ? "${LIMIT_SIGNALS.cpuTime}" : "${LIMIT_SIGNALS.memory}");
      // A task may have a listener for that signal, which keeps the process alive.
      Atomics.wait(call, 0, ${CONDEMNED}, ${LIMIT_INTERVAL_MS});
      kill("SIGKILL");
    }
  }
  onmessage = ({ data }) => watch(data);
`;

/** Controls the watchdog thread. */
export class Watchdog {
  // The number of the watched call, 0 for none.
  readonly #call = new Int32Array(new SharedArrayBuffer(4));
  readonly #most = new Float64Array(new SharedArrayBuffer(16));
  #calls = 0;

  /** Starts the thread, which watches the parent while this process lives. */
  constructor() {
    const url = `data:text/javascript,${encodeURIComponent(WATCHDOG)}`;
    const worker = new Worker(url, { type: "module", name: "watchdog" });
    // The thread would read it after the first call may have arrived, and the parent may have ended.
    worker.postMessage({ parent: Deno.ppid, call: this.#call, most: this.#most });
  }

  /** Watches the limits of a call that starts now. */
  begin({ cpuTime = Infinity, memory = Infinity }: CallLimits): void {
    if (cpuTime === Infinity && memory === Infinity) return;
    const { user, system } = process.cpuUsage();
    this.#most[0] = user + system + cpuTime * 1000;
    this.#most[1] = Deno.memoryUsage().rss + memory;
    Atomics.store(this.#call, 0, ++this.#calls);
    Atomics.notify(this.#call, 0);
  }

  /** Ends the watch of the call. */
  end(): void {
    const call = Atomics.load(this.#call, 0);
    if (call === 0) return;
    const found = Atomics.compareExchange(this.#call, 0, call, 0);
    if (found === CONDEMNED) Atomics.wait(this.#call, 0, CONDEMNED);
    Atomics.notify(this.#call, 0);
  }
}
