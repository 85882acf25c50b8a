/** Ends a child process whose parent has ended, also while it computes. @module */

const INTERVAL_MS = 200;

// A thread of its own, for the main one may be busy for ever; as a data URL, for which no permission
// is needed. A process may kill itself without one, too.
const WATCHDOG = `
  const parent = Deno.ppid;
  setInterval(() => {
    if (Deno.ppid !== parent) process.kill(process.pid, "SIGKILL");
  }, ${INTERVAL_MS});
`;

/** Watches the parent for as long as this process lives. */
export function watchParent(): void {
  const url = `data:text/javascript,${encodeURIComponent(WATCHDOG)}`;
  new Worker(url, { type: "module", name: "orphan-watchdog" });
}
