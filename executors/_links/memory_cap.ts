/** Lets the kernel cap the memory of a process. Linux only. @module */

// A program needs all permissions to read /proc itself, but none is asked of what it may run. What
// Deno has reserved for itself by now comes on top of the cap.
const SCRIPT = `
while read -r name data unit; do
  [ "$name" = VmData: ] && exec prlimit --pid "$0" --data=$((data * 1024 + $1))
done < "/proc/$0/status"
exit 1`;

/**
 * Caps what a process may allocate from now on, heaps, buffers and stacks of all its threads.
 *
 * @throws when `sh` and `prlimit` are not there, or may not be run.
 */
export async function capMemory(pid: number, bytes: number): Promise<void> {
  const { success, code, stderr } = await new Deno.Command("sh", {
    args: ["-c", SCRIPT, `${pid}`, `${bytes}`],
  }).output();
  if (success) return;
  throw new Error(new TextDecoder().decode(stderr).trim() || `sh ended with code ${code}`);
}
