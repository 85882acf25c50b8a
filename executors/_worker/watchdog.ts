/**
 * A thread beside the main one of a child process, which may be busy for ever. It ends the process
 * when its parent has ended, and when a call uses up more than it may.
 *
 * @module
 */

import process from "node:process";
import type { CallLimits } from "../../scheduling/limits.ts";

/** The signals by which the process ends itself at a limit: nobody else sends these. */
export const LIMIT_SIGNALS = { cpuTime: "SIGVTALRM", memory: "SIGUSR2" } as const;

const PARENT_INTERVAL_MS = 200;
// For an idle process, which ends itself after its listeners were called.
const ORPHAN_GRACE_MS = 500;
const LIMIT_INTERVAL_MS = 10;
// In the place of the number of a call: it has reached a limit, and the process is about to end.
const CONDEMNED = -1;

// As a data URL, for which no permission is needed. A process may kill itself without one, too, but
// its group only if it may run every program.
const WATCHDOG = `
  const parent = Deno.ppid;
  const kill = (signal) => process.kill(process.pid, signal);
  function killOrphan(call) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${ORPHAN_GRACE_MS});
    try {
      process.kill(-process.pid, "SIGKILL");
    } catch {
      kill("SIGKILL");
    }
  }
  function watch({ call, most }) {
    for (;;) {
      const current = Atomics.load(call, 0);
      Atomics.wait(call, 0, current, current === 0 ? ${PARENT_INTERVAL_MS} : ${LIMIT_INTERVAL_MS});
      if (Deno.ppid !== parent) killOrphan();
      if (current === 0) continue;
      const { user, system } = process.cpuUsage();
      const cpuTime = user + system > most[0];
      const memory = Deno.memoryUsage().rss > most[1];
      if (!cpuTime && !memory) continue;
      // What was measured belongs to this call only if it is still under way; no other begins then.
      if (Atomics.compareExchange(call, 0, current, ${CONDEMNED}) !== current) continue;
      kill(cpuTime ? "${LIMIT_SIGNALS.cpuTime}" : "${LIMIT_SIGNALS.memory}");
      // A function may listen for that signal.
      Atomics.wait(call, 0, ${CONDEMNED}, ${LIMIT_INTERVAL_MS});
      kill("SIGKILL");
    }
  }
  onmessage = ({ data }) => watch(data);
`;

/** This side of the thread. */
export class Watchdog {
  // The number of the call to be watched, 0 for none.
  readonly #call = new Int32Array(new SharedArrayBuffer(4));
  readonly #most = new Float64Array(new SharedArrayBuffer(16));
  #calls = 0;

  /** Starts the thread, which watches the parent for as long as this process lives. */
  constructor() {
    const url = `data:text/javascript,${encodeURIComponent(WATCHDOG)}`;
    const worker = new Worker(url, { type: "module", name: "watchdog" });
    worker.postMessage({ call: this.#call, most: this.#most });
  }

  /** Watches the limits of a call that begins now. */
  begin({ cpuTime = Infinity, memory = Infinity }: CallLimits): void {
    if (cpuTime === Infinity && memory === Infinity) return;
    const { user, system } = process.cpuUsage();
    this.#most[0] = user + system + cpuTime * 1000;
    this.#most[1] = Deno.memoryUsage().rss + memory;
    Atomics.store(this.#call, 0, ++this.#calls);
    Atomics.notify(this.#call, 0);
  }

  /** The call has ended. */
  end(): void {
    const call = Atomics.load(this.#call, 0);
    if (call === 0) return;
    const found = Atomics.compareExchange(this.#call, 0, call, 0);
    if (found === CONDEMNED) Atomics.wait(this.#call, 0, CONDEMNED);
    Atomics.notify(this.#call, 0);
  }
}
